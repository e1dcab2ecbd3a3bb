package io.jackfield.broker.transport.zmtp;

/**
 * The limits of one ZMTP transport. Immutable; made by {@link #builder}.
 *
 * @param frameBytesMax body of one message frame
 * @param messageBytesMax bodies of all frames of one message together
 * @param messageFramesMax frames of one message
 * @param commandBytesMax body of one command
 * @param outputBytesMax written to one peer and not read by it; one message may be on top
 * @param totalInputBytesMax memory for what waits of the input of all peers: begun messages, and what was read of those not read from
 * @param peersMax connections, those in the handshake included
 * @param peersPerAddressMax of them, from one address
 * @param handshakesMax of them, in the handshake
 * @param outputBytesTotalMax written to all peers and not read by them
 * @param handshakeTimeMs from the connection to the end of the handshake
 * @param messageTimeMs from the first to the last byte of a message
 * @param pingIntervalMs from one PING of ours to the next
 * @param pingTimeoutMs for which a peer that knows PING may be silent; also the TTL that we announce
 * @param connectRetryMsMin after the first failure to connect; doubled by each one more
 * @param connectRetryMsMax as long as it may become
 * @param ipcMode mode of the files of Unix sockets: who may connect to them
 * @param lingerTimeMs from {@code close} to the end of the connection, for the peer to read what it was sent
 */
public record ZmtpLimits(
        int frameBytesMax,
        int messageBytesMax,
        int messageFramesMax,
        int commandBytesMax,
        int outputBytesMax,
        long totalInputBytesMax,
        int peersMax,
        int peersPerAddressMax,
        int handshakesMax,
        long outputBytesTotalMax,
        int handshakeTimeMs,
        int messageTimeMs,
        int pingIntervalMs,
        int pingTimeoutMs,
        int connectRetryMsMin,
        int connectRetryMsMax,
        int ipcMode,
        int lingerTimeMs) {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** A buffer is addressed with an int, with a frame's header and the bytes before it. */
    private static final int BYTES_MAX = 1024 * MIB;

    /** What the TTL in a PING can say: 16 bits of tenths of a second. */
    public static final int PING_TIMEOUT_MS_MAX = 6_553_500;

    /** What {@code messageFramesMax} can be at the most. */
    public static final int MESSAGE_FRAMES_MAX = Short.MAX_VALUE;

    /** What every limit of output and input can be at the least. */
    public static final int BUFFER_BYTES_MIN = KIB;

    private static final int IPC_MODE_MAX = 0777;
    private static final int COMMAND_BYTES_MIN = 512;

    /** Refuses values that make no sense. */
    public ZmtpLimits {
        within("frameBytesMax", frameBytesMax, 1, BYTES_MAX);
        within("messageBytesMax", messageBytesMax, 1, BYTES_MAX);
        within("messageFramesMax", messageFramesMax, 1, MESSAGE_FRAMES_MAX);
        within("commandBytesMax", commandBytesMax, COMMAND_BYTES_MIN, MIB);
        within("outputBytesMax", outputBytesMax, BUFFER_BYTES_MIN, BYTES_MAX);
        within("totalInputBytesMax", totalInputBytesMax, BUFFER_BYTES_MIN, Long.MAX_VALUE);
        within("peersMax", peersMax, 1, Integer.MAX_VALUE);
        within("peersPerAddressMax", peersPerAddressMax, 1, Integer.MAX_VALUE);
        within("handshakesMax", handshakesMax, 1, Integer.MAX_VALUE);
        within("outputBytesTotalMax", outputBytesTotalMax, BUFFER_BYTES_MIN, Long.MAX_VALUE);
        within("handshakeTimeMs", handshakeTimeMs, 1, Integer.MAX_VALUE);
        within("messageTimeMs", messageTimeMs, 1, Integer.MAX_VALUE);
        within("pingIntervalMs", pingIntervalMs, 1, Integer.MAX_VALUE);
        within("pingTimeoutMs", pingTimeoutMs, pingIntervalMs + 1L, PING_TIMEOUT_MS_MAX);
        within("connectRetryMsMin", connectRetryMsMin, 1, Integer.MAX_VALUE);
        within("connectRetryMsMax", connectRetryMsMax, connectRetryMsMin, Integer.MAX_VALUE);
        within("ipcMode", ipcMode, 0, IPC_MODE_MAX);
        within("lingerTimeMs", lingerTimeMs, 1, Integer.MAX_VALUE);
    }

    /** Begins with what holds where nothing is configured. */
    public static Builder builder() {
        return new Builder();
    }

    private static void within(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }

    /** Sets limits by name. Not thread-safe. */
    public static final class Builder {
        private int frameBytesMax = 16 * MIB + 64 * KIB;
        private int messageBytesMax = 16 * MIB + 64 * KIB;
        private int messageFramesMax = 72;
        private int commandBytesMax = 8 * KIB;
        private int outputBytesMax = 64 * MIB;
        private long totalInputBytesMax = 512L * MIB;
        private int peersMax = 20_000;
        private int peersPerAddressMax = 16_000;
        private int handshakesMax = 10_000;
        private long outputBytesTotalMax = 512L * MIB;
        private int handshakeTimeMs = 10_000;
        private int messageTimeMs = 60_000;
        private int pingIntervalMs = 10_000;
        private int pingTimeoutMs = 30_000;
        private int connectRetryMsMin = 100;
        private int connectRetryMsMax = 10_000;
        private int ipcMode = 0600;
        private int lingerTimeMs = 1_000;

        private Builder() {}

        public Builder frameBytesMax(int value) {
            frameBytesMax = value;
            return this;
        }

        public Builder messageBytesMax(int value) {
            messageBytesMax = value;
            return this;
        }

        public Builder messageFramesMax(int value) {
            messageFramesMax = value;
            return this;
        }

        public Builder commandBytesMax(int value) {
            commandBytesMax = value;
            return this;
        }

        public Builder outputBytesMax(int value) {
            outputBytesMax = value;
            return this;
        }

        public Builder totalInputBytesMax(long value) {
            totalInputBytesMax = value;
            return this;
        }

        public Builder peersMax(int value) {
            peersMax = value;
            return this;
        }

        public Builder peersPerAddressMax(int value) {
            peersPerAddressMax = value;
            return this;
        }

        public Builder handshakesMax(int value) {
            handshakesMax = value;
            return this;
        }

        public Builder outputBytesTotalMax(long value) {
            outputBytesTotalMax = value;
            return this;
        }

        public Builder handshakeTimeMs(int value) {
            handshakeTimeMs = value;
            return this;
        }

        public Builder messageTimeMs(int value) {
            messageTimeMs = value;
            return this;
        }

        public Builder pingIntervalMs(int value) {
            pingIntervalMs = value;
            return this;
        }

        public Builder pingTimeoutMs(int value) {
            pingTimeoutMs = value;
            return this;
        }

        public Builder connectRetryMsMin(int value) {
            connectRetryMsMin = value;
            return this;
        }

        public Builder connectRetryMsMax(int value) {
            connectRetryMsMax = value;
            return this;
        }

        public Builder ipcMode(int value) {
            ipcMode = value;
            return this;
        }

        public Builder lingerTimeMs(int value) {
            lingerTimeMs = value;
            return this;
        }

        /** Refuses values that make no sense. */
        public ZmtpLimits build() {
            return new ZmtpLimits(
                    frameBytesMax,
                    messageBytesMax,
                    messageFramesMax,
                    commandBytesMax,
                    outputBytesMax,
                    totalInputBytesMax,
                    peersMax,
                    peersPerAddressMax,
                    handshakesMax,
                    outputBytesTotalMax,
                    handshakeTimeMs,
                    messageTimeMs,
                    pingIntervalMs,
                    pingTimeoutMs,
                    connectRetryMsMin,
                    connectRetryMsMax,
                    ipcMode,
                    lingerTimeMs);
        }
    }
}
