package io.jackfield.broker.dispatch;

/**
 * What the dispatcher admits in all.
 *
 * @param requestsMax requests queued and in flight together
 * @param requestsBytesMax bytes of their bodies and headers
 * @param servicesMax names that may come into existence; by requests that nobody serves, no more than half of them
 * @param workerCreditMax what a worker's own credit is cut to
 * @param workerOverdueMs how long after a request's deadline a worker may go on holding it before it is given up
 */
public record DispatchLimits(
        int requestsMax, long requestsBytesMax, int servicesMax, int workerCreditMax, long workerOverdueMs) {
    /** What holds where the configuration says nothing. */
    public static final DispatchLimits DEFAULT = new DispatchLimits(100_000, 256L << 20, 10_000, 1024, 30_000);

    public DispatchLimits {
        requirePositive("requests-max", requestsMax);
        requirePositive("requests-bytes-max", requestsBytesMax);
        requirePositive("services-max", servicesMax);
        requirePositive("worker-credit-max", workerCreditMax);
        requirePositive("worker-overdue-max", workerOverdueMs);
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
