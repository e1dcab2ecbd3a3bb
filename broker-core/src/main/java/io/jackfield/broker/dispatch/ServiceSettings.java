package io.jackfield.broker.dispatch;

import io.jackfield.protocol.ServiceDeclaration;
import java.util.Optional;

/**
 * How a service treats its requests. What the configuration leaves open is settled by the first worker or plugin that declares the service.
 *
 * @param timeoutMs time a request may take from its admission, where it does not say itself
 * @param idempotent a request whose worker is lost is given to another
 * @param attemptsMax workers that one request is given to at the most, the first included
 * @param queueLengthMax requests that wait
 * @param queueBytesMax bytes of their bodies and headers
 * @param placement on which side it is worked on, until somebody says otherwise
 */
public record ServiceSettings(
        Optional<Long> timeoutMs,
        Optional<Boolean> idempotent,
        int attemptsMax,
        int queueLengthMax,
        long queueBytesMax,
        Placement placement) {
    /** A service that is worked on wherever there are workers. */
    public ServiceSettings(
            Optional<Long> timeoutMs,
            Optional<Boolean> idempotent,
            int attemptsMax,
            int queueLengthMax,
            long queueBytesMax) {
        this(timeoutMs, idempotent, attemptsMax, queueLengthMax, queueBytesMax, Placement.BOTH);
    }

    /** The same with that placement. */
    public ServiceSettings placed(Placement newPlacement) {
        return new ServiceSettings(timeoutMs, idempotent, attemptsMax, queueLengthMax, queueBytesMax, newPlacement);
    }

    /** Where neither the configuration nor a worker says how long a request may take. */
    public static final long TIMEOUT_MS_DEFAULT = 30_000;

    /** What holds where the configuration says nothing. */
    public static final ServiceSettings DEFAULT =
            new ServiceSettings(Optional.empty(), Optional.empty(), 3, 10_000, 64L << 20);

    /** These settings with what they leave open taken from a declaration. */
    ServiceSettings completedBy(ServiceDeclaration declaration) {
        Optional<Long> timeout = declaration.timeoutMs() > 0 ? Optional.of(declaration.timeoutMs()) : Optional.empty();
        return new ServiceSettings(
                timeoutMs.or(() -> timeout),
                idempotent.or(() -> Optional.of(declaration.idempotent())),
                attemptsMax,
                queueLengthMax,
                queueBytesMax,
                placement);
    }

    ServiceSettings withQueueLengthMax(int newQueueLengthMax) {
        return new ServiceSettings(timeoutMs, idempotent, attemptsMax, newQueueLengthMax, queueBytesMax, placement);
    }

    long effectiveTimeoutMs() {
        return timeoutMs.orElse(TIMEOUT_MS_DEFAULT);
    }
}
