package io.jackfield.broker.transport.zmtp;

import java.util.function.IntPredicate;

/**
 * Memory that the begun messages of all peers may take together. It is taken as bytes arrive: what a peer only declares costs nothing, or
 * peers that declare much and send little would keep all others out. Owned by the broker loop.
 */
final class InputBudget {
    private final long bytesMax;
    private final IntPredicate makeRoom;
    private long usedBytes;

    /** @param makeRoom ends whoever holds more than that many bytes, and the most; false if there is nobody */
    InputBudget(long bytesMax, IntPredicate makeRoom) {
        this.bytesMax = bytesMax;
        this.makeRoom = makeRoom;
    }

    /** Takes as much, or refuses. */
    void reserve(int bytes) throws ZmtpViolation {
        while (usedBytes + bytes > bytesMax) {
            if (!makeRoom.test(bytes)) {
                throw new ZmtpViolation(Refusal.INPUT_BYTES, reason(bytes));
            }
        }
        usedBytes += bytes;
    }

    void release(int bytes) {
        usedBytes -= bytes;
    }

    long usedBytes() {
        return usedBytes;
    }

    String reason(int bytes) {
        return usedBytes + " bytes wait for the rest of their messages, " + bytes
                + " more are needed (input-bytes-max: " + bytesMax + ")";
    }
}
