package io.jackfield.broker.peer;

import io.jackfield.broker.tasks.QueueLimits;
import java.util.Optional;

/**
 * Whom the peers of an endpoint meet that neither ask nor answer.
 *
 * @param group endpoints of the same group are as one for them; empty: nobody but the peers of this endpoint
 * @param taskQueue what may wait for a PULL peer, and for either end of a pair; the same for all endpoints of a group
 */
public record PatternSettings(Optional<String> group, QueueLimits taskQueue) {
    /** What holds where the configuration says nothing. */
    public static final PatternSettings DEFAULT = new PatternSettings(Optional.empty(), QueueLimits.DEFAULT);
}
