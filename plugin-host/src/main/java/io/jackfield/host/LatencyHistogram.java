package io.jackfield.host;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counts durations in buckets, 16 to each doubling: what it tells is at most a sixteenth too long. 2.5 KiB whatever is
 * counted. Safe for any thread.
 */
final class LatencyHistogram {

    private static final int SUB_BITS = 4;
    private static final int SUBS = 1 << SUB_BITS;

    /** Longer ones, of more than an hour, count as this. */
    static final long VALUE_NS_MAX = (1L << 42) - 1;

    private static final int BUCKETS = bucketOf(VALUE_NS_MAX) + 1;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);

    void record(long valueNs) {
        counts.incrementAndGet(bucketOf(Math.min(Math.max(0, valueNs), VALUE_NS_MAX)));
    }

    /**
     * The duration that this share of all that were counted, here and there, did not exceed; 0 if none was.
     *
     * @param share 0 to 1
     */
    long percentileNs(double share, LatencyHistogram there) {
        long total = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            total += count(bucket, there);
        }
        long rank = (long) Math.ceil(share * total);
        long seen = 0;
        for (int bucket = 0; bucket < BUCKETS && total > 0; bucket++) {
            seen += count(bucket, there);
            if (seen >= rank && seen > 0) {
                return longestIn(bucket);
            }
        }
        return 0;
    }

    private long count(int bucket, LatencyHistogram there) {
        return (long) counts.get(bucket) + there.counts.get(bucket);
    }

    /** The values below 16 each have a bucket; above, the leading bit says which doubling, the next four which bucket of it. */
    private static int bucketOf(long valueNs) {
        if (valueNs < SUBS) {
            return (int) valueNs;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(valueNs) - SUB_BITS;
        return (shift << SUB_BITS) + (int) (valueNs >>> shift);
    }

    private static long longestIn(int bucket) {
        if (bucket < SUBS) {
            return bucket;
        }
        int shift = (bucket >> SUB_BITS) - 1;
        long first = (long) (bucket - (shift << SUB_BITS)) << shift;
        return first + (1L << shift) - 1;
    }
}
