package io.jackfield.broker.transport.zmtp;

/**
 * Memory that what peers have sent may take together while it waits: for the rest of its message, or for its peer to be read from again. It
 * is taken as bytes arrive: what a peer only declares costs nothing, or peers that declare much and send little would keep all others out.
 * Owned by the broker loop.
 */
final class InputBudget {
    /** Makes room. */
    @FunctionalInterface
    interface Room {
        /**
         * Ends whoever holds most, if that is more than those bytes; false if there is nobody, or if it is the one that asks: it stands in the
         * middle of its input, and is refused instead.
         */
        boolean make(Share asking, int bytes);
    }

    private final long bytesMax;
    private final Room room;
    private long usedBytes;

    InputBudget(long bytesMax, Room room) {
        this.bytesMax = bytesMax;
        this.room = room;
    }

    /** For one more peer. */
    Share share() {
        return new Share();
    }

    long usedBytes() {
        return usedBytes;
    }

    String reason(int bytes) {
        return usedBytes + " bytes of input wait, " + bytes + " more are needed (input-bytes-max: " + bytesMax + ")";
    }

    /** What one peer has of it. */
    final class Share {
        private int bytes;

        private Share() {}

        int bytes() {
            return bytes;
        }

        /** Takes as much, or refuses. */
        void reserve(int more) throws ZmtpViolation {
            while (usedBytes + more > bytesMax) {
                if (!room.make(this, more)) {
                    throw new ZmtpViolation(Refusal.INPUT_BYTES, reason(more));
                }
            }
            usedBytes += more;
            bytes += more;
        }

        void release(int less) {
            usedBytes -= less;
            bytes -= less;
        }
    }
}
