package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** JF1 messages as frames of their own for header, service, headers and each body part (PROTOCOL.md section 4.4). */
public final class RawFraming {
    /** Frames before the first body part. */
    private static final int HEAD_FRAMES = 3;

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private RawFraming() {}

    /**
     * Encodes a message. Body parts are not copied.
     *
     * @param message without OBJECT, which raw framing cannot carry: its request ends with {@code UNSUPPORTED_BODY}
     * @return the frames, each a buffer of the caller's own over shared bytes
     * @throws IllegalArgumentException when the body is an object
     */
    public static List<ByteBuffer> encode(Jf1Message message) {
        if (message.isObject()) {
            throw new IllegalArgumentException("flags: OBJECT (expected: a body of bytes, in raw framing)");
        }
        ByteBuffer header = ByteBuffer.allocate(FixedHeader.BYTES);
        message.header().write(header, 0, Framing.RAW);
        boolean bare = message.service().isEmpty()
                && message.headers().isEmpty()
                && message.body().isEmpty();
        if (bare) {
            return List.of(header);
        }
        List<ByteBuffer> frames = new ArrayList<>(HEAD_FRAMES + message.body().size());
        frames.add(header);
        frames.add(Utf8.encode(message.service()));
        frames.add(message.headers().encoded());
        for (ByteBuffer part : message.body()) {
            frames.add(part.duplicate());
        }
        return frames;
    }

    /**
     * Decodes a message. Body parts are views of the frames, whose positions stay.
     *
     * @param frames one message, without any delimiter
     * @return the message
     * @throws ProtocolException {@code BAD_MESSAGE}, {@code UNKNOWN_COMMAND}, {@code UNSUPPORTED_VERSION} or
     *     {@code BAD_SERVICE_NAME}, with the request id where it could be read
     */
    public static Jf1Message decode(List<ByteBuffer> frames) throws ProtocolException {
        int headerBytes = frames.isEmpty() ? 0 : frames.get(0).remaining();
        if (headerBytes != FixedHeader.BYTES) {
            throw ProtocolException.badMessage(
                    "fixed header: " + headerBytes + " bytes (expected: " + FixedHeader.BYTES + ")");
        }
        ByteBuffer first = frames.get(0);
        FixedHeader header = FixedHeader.read(first, first.position(), Framing.RAW);
        try {
            return decode(header, frames);
        } catch (ProtocolException e) {
            throw e.withRequestId(header.id());
        }
    }

    private static Jf1Message decode(FixedHeader header, List<ByteBuffer> frames) throws ProtocolException {
        int count = frames.size();
        if (count > 1 && count < HEAD_FRAMES) {
            throw ProtocolException.badMessage("frames: " + count + " (expected: 1, or 3 and more)");
        }
        if (header.has(Flags.OBJECT)) {
            throw ProtocolException.badMessage("flags: OBJECT (expected: none, in raw framing)");
        }
        if (count == 1) {
            return Jf1Message.decoded(header, EMPTY, EMPTY, List.of());
        }
        MessageRules.checkPartCount(header, count - HEAD_FRAMES);
        List<ByteBuffer> body = new ArrayList<>(count - HEAD_FRAMES);
        for (ByteBuffer part : frames.subList(HEAD_FRAMES, count)) {
            body.add(part.slice());
        }
        return Jf1Message.decoded(header, frames.get(1), frames.get(2), body);
    }
}
