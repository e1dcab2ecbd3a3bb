package io.jackfield.broker.peer;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How often each {@link PeerEvent} happened: for one peer, or for all since the broker started. Owned by the broker loop. */
public final class PeerCounters {
    private final Map<PeerEvent, Long> counts = new EnumMap<>(PeerEvent.class);
    private final @Nullable PeerCounters total;

    PeerCounters(@Nullable PeerCounters total) {
        this.total = total;
    }

    /** Times that the event happened. */
    public long count(PeerEvent event) {
        return counts.getOrDefault(event, 0L);
    }

    void add(PeerEvent event) {
        counts.merge(event, 1L, Long::sum);
        if (total != null) {
            total.add(event);
        }
    }
}
