package io.jackfield.protocol;

import java.nio.ByteBuffer;

/** What the first frame of a peer's first message says about its dialect (PROTOCOL.md section 1). */
public enum Detection {
    /** An MDP 0.1 client (RFC 7). */
    MDP_01_CLIENT,
    /** An MDP 0.1 worker. */
    MDP_01_WORKER,
    /** An MDP 0.2 client (RFC 18). */
    MDP_02_CLIENT,
    /** An MDP 0.2 worker. */
    MDP_02_WORKER,
    /** JF1 in raw framing. */
    JF1_RAW,
    /** JF1 in Kryo framing. */
    JF1_KRYO,
    /** A JF version that is not spoken here: answered with {@code UNSUPPORTED_VERSION}, decides nothing. */
    UNKNOWN_JF_VERSION,
    /** Anything else: a program that knows no protocol. */
    PLAIN;

    /** "MDP", the side, two digits of the version. */
    private static final int MDP_BYTES = 6;

    private static final int MDP_SIDE_AT = 3;
    private static final int MDP_VERSION_AT = 4;

    /**
     * Classifies a frame; the buffer's position stays.
     *
     * @param frame the first frame, after the leading empty one where there was one
     * @return the dialect
     */
    public static Detection of(ByteBuffer frame) {
        int bytes = frame.remaining();
        if (bytes == MDP_BYTES) {
            return ofMdp(frame);
        }
        if (bytes == FixedHeader.BYTES) {
            return ofHeader(frame);
        }
        boolean kryo = bytes >= KryoFraming.FRAME_BYTES_MIN
                && frame.get(frame.position()) == KryoFraming.CLASS_ID
                && startsWith(frame, 1, "JF1K");
        return kryo ? JF1_KRYO : PLAIN;
    }

    private static Detection ofMdp(ByteBuffer frame) {
        if (!startsWith(frame, 0, "MDP") || !startsWith(frame, MDP_VERSION_AT, "0")) {
            return PLAIN;
        }
        boolean client = startsWith(frame, MDP_SIDE_AT, "C");
        if (!client && !startsWith(frame, MDP_SIDE_AT, "W")) {
            return PLAIN;
        }
        return switch (frame.get(frame.position() + MDP_BYTES - 1)) {
            case '1' -> client ? MDP_01_CLIENT : MDP_01_WORKER;
            case '2' -> client ? MDP_02_CLIENT : MDP_02_WORKER;
            default -> PLAIN;
        };
    }

    private static Detection ofHeader(ByteBuffer frame) {
        if (startsWith(frame, 0, "JF1R")) {
            return JF1_RAW;
        }
        byte version = frame.get(frame.position() + 2);
        byte letter = frame.get(frame.position() + FixedHeader.MAGIC_BYTES);
        boolean otherVersion = startsWith(frame, 0, "JF")
                && version >= '0'
                && version <= '9'
                && version != '1'
                && (letter == Framing.RAW.letter() || letter == Framing.KRYO.letter());
        return otherVersion ? UNKNOWN_JF_VERSION : PLAIN;
    }

    private static boolean startsWith(ByteBuffer frame, int offset, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (frame.get(frame.position() + offset + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
