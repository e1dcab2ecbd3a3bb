package io.jackfield.broker.peer;

/**
 * What publishers, subscribers, pushers, pullers and pairs may do.
 *
 * @param subscriptionsMax subscriptions of all peers together
 * @param peerSubscriptionsMax subscriptions of one peer
 * @param topicBytesMax bytes of one topic
 * @param subscriberOutputBytesMax waiting to be read by one subscriber; what would come on top is dropped for it
 * @param taskOutputBytesMax waiting to be read by one PULL or PAIR peer before it is given no more
 */
public record PatternLimits(
        int subscriptionsMax,
        int peerSubscriptionsMax,
        int topicBytesMax,
        int subscriberOutputBytesMax,
        int taskOutputBytesMax) {
    /** What holds where the configuration says nothing. */
    public static final PatternLimits DEFAULT = new PatternLimits(100_000, 10_000, 255, 16 << 20, 1 << 20);

    public PatternLimits {
        requirePositive("subscriptions-max", subscriptionsMax);
        requirePositive("peer-subscriptions-max", peerSubscriptionsMax);
        requirePositive("topic-bytes-max", topicBytesMax);
        requirePositive("subscriber-output-bytes-max", subscriberOutputBytesMax);
        requirePositive("task-output-bytes-max", taskOutputBytesMax);
    }

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
