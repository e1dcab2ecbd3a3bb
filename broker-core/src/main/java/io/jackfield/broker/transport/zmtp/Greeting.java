package io.jackfield.broker.transport.zmtp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first 64 bytes of a peer (RFC 37), read as they come, refused at the first wrong one.
 *
 * <pre>
 *   0          1 to 8    9      10     11     12 to 31     32         33 to 63
 *   [0xFF]     [any]     [0x7F] [major] [minor] [mechanism] [as server] [zero]
 * </pre>
 *
 * ZMTP 2 peers have 1 or 2 at byte 10, ZMTP 1 peers begin with an ordinary frame.
 *
 * <p>Ours goes out in two parts, the signature at once and the rest when the peer's signature is there, as libzmq does it. JeroMQ 0.6 now
 * and then loses a connection that it has just made, without a word, and tries again only as long as it has not read a whole greeting.
 */
final class Greeting {
    static final int BYTES = 64;

    private static final int SIGNATURE_END = 9;
    private static final int MAJOR = 10;
    private static final int MINOR = 11;
    private static final int MECHANISM = 12;
    private static final int MECHANISM_END = 32;

    private final byte[] bytes = new byte[BYTES];
    private int read;

    /** What we send first. */
    static byte[] signature() {
        return Arrays.copyOf(ours(""), MAJOR);
    }

    /** What we send then: 3.1, not as server (NULL has none). */
    static byte[] afterSignature(String mechanism) {
        return Arrays.copyOfRange(ours(mechanism), MAJOR, BYTES);
    }

    private static byte[] ours(String mechanism) {
        byte[] greeting = new byte[BYTES];
        greeting[0] = (byte) 0xff;
        greeting[SIGNATURE_END - 1] = 1; // what libzmq sends: a ZMTP 1 peer reads a frame length
        greeting[SIGNATURE_END] = 0x7f;
        greeting[MAJOR] = 3;
        greeting[MINOR] = 1;
        byte[] name = mechanism.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, greeting, MECHANISM, name.length);
        return greeting;
    }

    /** Takes what is there, up to the end of the greeting; true when it is whole. */
    boolean read(ByteBuf chunk) throws ZmtpViolation {
        int taken = Math.min(BYTES - read, chunk.readableBytes());
        chunk.readBytes(bytes, read, taken);
        read += taken;
        check();
        return read == BYTES;
    }

    boolean hasSignature() {
        return read > SIGNATURE_END;
    }

    int bytesRead() {
        return read;
    }

    int minor() {
        return bytes[MINOR] & 0xff;
    }

    /** Name of the mechanism, up to its first zero byte. */
    String mechanism() {
        int end = MECHANISM;
        while (end < MECHANISM_END && bytes[end] != 0) {
            end++;
        }
        return new String(Arrays.copyOfRange(bytes, MECHANISM, end), StandardCharsets.ISO_8859_1);
    }

    private void check() throws ZmtpViolation {
        if (read > 0 && bytes[0] != (byte) 0xff) {
            throw new ZmtpViolation(
                    Refusal.NOT_ZMTP,
                    "first byte: 0x" + Integer.toHexString(bytes[0] & 0xff)
                            + " (expected: 0xff; this port speaks ZMTP 3, and this is another protocol or ZMTP 1)");
        }
        if (read > SIGNATURE_END && bytes[SIGNATURE_END] != 0x7f) {
            throw new ZmtpViolation(
                    Refusal.NOT_ZMTP,
                    "byte 9 of the signature: 0x" + Integer.toHexString(bytes[SIGNATURE_END] & 0xff)
                            + " (expected: 0x7f)");
        }
        if (read > MAJOR && (bytes[MAJOR] & 0xff) < 3) {
            throw new ZmtpViolation(
                    Refusal.OLD_VERSION,
                    "ZMTP version byte: " + bytes[MAJOR] + " (expected: >= 3; libzmq 4.0 and later speak it)");
        }
    }
}
