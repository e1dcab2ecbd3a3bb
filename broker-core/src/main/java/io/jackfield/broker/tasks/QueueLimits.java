package io.jackfield.broker.tasks;

/**
 * How much may wait.
 *
 * @param lengthMax messages
 * @param bytesMax bytes of all together; one message may be on top
 */
public record QueueLimits(int lengthMax, long bytesMax) {
    /** What holds where the configuration says nothing. */
    public static final QueueLimits DEFAULT = new QueueLimits(10_000, 64L << 20);

    public QueueLimits {
        if (lengthMax < 1 || bytesMax < 1) {
            throw new IllegalArgumentException(
                    "queue of " + lengthMax + " messages and " + bytesMax + " bytes (expected: at least 1 of each)");
        }
    }
}
