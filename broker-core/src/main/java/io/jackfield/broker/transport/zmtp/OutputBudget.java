package io.jackfield.broker.transport.zmtp;

/**
 * Memory that holds what all peers together were sent and have not read. What the operating system took since an output last looked is
 * still counted; {@link Peers#limitOutput} has all of them look again before anybody is ended. Owned by the broker loop.
 */
final class OutputBudget {
    private final long bytesMax;
    private long usedBytes;

    OutputBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** An output holds as many bytes more, or fewer. */
    void add(long bytes) {
        usedBytes += bytes;
    }

    boolean exceeded() {
        return usedBytes > bytesMax;
    }

    long usedBytes() {
        return usedBytes;
    }

    long bytesMax() {
        return bytesMax;
    }
}
