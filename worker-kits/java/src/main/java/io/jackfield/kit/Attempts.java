package io.jackfield.kit;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.OptionalLong;

/**
 * Whether a request that failed is asked again, and when. Told the time; used by one thread after the other.
 *
 * <p>What no worker can have got is asked again at another broker, whatever it is. What a worker may have got is asked again only
 * when it is idempotent, and a bounded number of times.
 */
final class Attempts {
    private static final long PAUSE_MS = 100;

    private final int brokers;
    private final long roundUntilNs;
    private int retriesLeft;
    private int passedOn;
    private long pauseMs = PAUSE_MS;

    /**
     * @param retries for an idempotent request; 0 for any other
     * @param brokers how many there are to ask
     * @param roundUntilNs until then a round of brokers that are not there is begun anew
     */
    Attempts(int retries, int brokers, long roundUntilNs) {
        this.retriesLeft = retries;
        this.brokers = brokers;
        this.roundUntilNs = roundUntilNs;
    }

    /** After how many milliseconds to ask again; empty: the failure is the request's. */
    OptionalLong pauseMs(Failure failure, boolean sent, long nowNs) {
        boolean untouched = failure.code() == ErrorCode.DRAINING || nobodyThere(failure, sent);
        if (brokers > 1 && untouched && (passedOn < brokers - 1 || roundUntilNs - nowNs > 0)) {
            passedOn++;
            return OptionalLong.of(passedOn % brokers == 0 ? PAUSE_MS : 0);
        }
        if (retriesLeft == 0 || !mendedElsewhereOrLater(failure.code()) || nobodyThere(failure, sent)) {
            return OptionalLong.empty();
        }
        retriesLeft--;
        long thisPauseMs = pauseMs;
        pauseMs *= 2;
        boolean next = failure.code() == ErrorCode.CONNECTION_LOST && brokers > 1;
        return OptionalLong.of(next ? 0 : Math.max(thisPauseMs, failure.retryAfterMs()));
    }

    private static boolean nobodyThere(Failure failure, boolean sent) {
        return failure.code() == ErrorCode.CONNECTION_LOST && !sent;
    }

    private static boolean mendedElsewhereOrLater(ErrorCode code) {
        return code == ErrorCode.CONNECTION_LOST || code == ErrorCode.OVERLOADED || code == ErrorCode.DRAINING;
    }
}
