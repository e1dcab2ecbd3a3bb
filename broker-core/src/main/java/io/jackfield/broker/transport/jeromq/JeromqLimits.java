package io.jackfield.broker.transport.jeromq;

/**
 * The limits of one JeroMQ transport. Immutable.
 *
 * @param frameBytesMax body of one frame; JeroMQ reserves what a peer announces, up to this, when it announces it
 * @param messageBytesMax bodies of all frames of one message together; judged when the message is complete
 * @param messageFramesMax frames of one message; judged when the message is complete
 * @param outputBytesMax written to one peer and not taken by its connection; one message may be on top
 * @param totalInputBytesMax messages of all peers that the broker loop has not taken; when it is reached no peer is read
 * @param peersMax connections, those in the handshake included
 * @param handshakeTimeMs from the connection to the end of the handshake
 * @param lingerTimeMs from {@code close} to the end of the connection, for the peer to read what it was sent
 */
public record JeromqLimits(
        int frameBytesMax,
        int messageBytesMax,
        int messageFramesMax,
        int outputBytesMax,
        long totalInputBytesMax,
        int peersMax,
        int handshakeTimeMs,
        int lingerTimeMs) {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final int BYTES_MAX = 1024 * MIB;

    /** What holds where nothing is configured. */
    public static final JeromqLimits DEFAULT =
            new JeromqLimits(16 * MIB + 64 * KIB, 16 * MIB + 64 * KIB, 72, 64 * MIB, 512L * MIB, 20_000, 10_000, 1_000);

    /** Refuses values that make no sense. */
    public JeromqLimits {
        within("frameBytesMax", frameBytesMax, 1, BYTES_MAX);
        within("messageBytesMax", messageBytesMax, 1, BYTES_MAX);
        within("messageFramesMax", messageFramesMax, 1, 65_535);
        within("outputBytesMax", outputBytesMax, KIB, BYTES_MAX);
        within("totalInputBytesMax", totalInputBytesMax, 1, Long.MAX_VALUE);
        within("peersMax", peersMax, 1, Integer.MAX_VALUE);
        within("handshakeTimeMs", handshakeTimeMs, 1, Integer.MAX_VALUE);
        within("lingerTimeMs", lingerTimeMs, 1, Integer.MAX_VALUE);
    }

    private static void within(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }
}
