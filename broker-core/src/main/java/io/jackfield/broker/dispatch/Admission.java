package io.jackfield.broker.dispatch;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import org.jspecify.annotations.Nullable;

/** Whether the broker takes one more request. Owned by the broker loop. */
final class Admission {
    private final DispatchLimits limits;
    private final AssignmentCensus census;
    private boolean draining;

    Admission(DispatchLimits limits, AssignmentCensus census) {
        this.limits = limits;
        this.census = census;
    }

    /** Nothing new from now on. */
    void drain() {
        draining = true;
    }

    /** Why a request of that size, for which there is a worker or not, is not taken; null if it is. */
    @Nullable
    Failure refusal(Service service, int bytes, boolean mustWait) {
        if (draining) {
            return Failure.of(ErrorCode.DRAINING, "the broker is shutting down", "ask another broker");
        }
        if (census.count() >= limits.requestsMax()) {
            return DispatchFailures.overloaded(
                    "the broker has " + census.count() + " requests, its limit (requests-max)");
        }
        if (census.bytes() + bytes > limits.requestsBytesMax()) {
            return DispatchFailures.overloaded("the broker holds " + census.bytes()
                    + " bytes of requests (requests-bytes-max: " + limits.requestsBytesMax() + ")");
        }
        if (mustWait && !service.hasRoomFor(bytes)) {
            return DispatchFailures.overloaded("the queue of service " + service.name() + " is full: "
                    + service.queue.count() + " requests, " + service.queue.bytes() + " bytes");
        }
        return null;
    }
}
