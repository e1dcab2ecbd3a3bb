package io.jackfield.broker.http;

import io.jackfield.protocol.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Date;

/**
 * Writes heads of HTTP responses straight into the output, from parts that are encoded once. Owned by the broker loop.
 *
 * <p>Nothing that is written here can hold a line break: statuses are numbers, and header values were checked when they were read.
 */
final class Heads {
    static final String OCTET_STREAM = "application/octet-stream";

    /** What a response ends with: whether, and how, the connection goes on. */
    enum Ending {
        /** Goes on; HTTP/1.1 needs no word for that. */
        STAYS,
        /** Goes on; an HTTP/1.0 client wants to be told. */
        STAYS_TOLD,
        CLOSES
    }

    /** More than any head takes beside its content type and the reply's headers. */
    static final int BYTES_MAX = 320;

    static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");
    static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");
    static final int CHUNK_HEAD_BYTES_MAX = 12;

    private static final int STATUS_MIN = 100;
    private static final int STATUS_MAX = 599;
    private static final int NAME_AND_SEPARATORS_BYTES = 16;
    private static final int UTF_8_BYTES_PER_CHAR_MAX = 3;
    private static final byte[] CONTENT_TYPE = ascii("content-type: ");
    private static final byte[] CONTENT_LENGTH = ascii("content-length: ");
    private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
    private static final byte[] ALLOW = ascii("allow: ");
    private static final byte[] RETRY_AFTER = ascii("retry-after: ");
    private static final byte[] KEEP_ALIVE = ascii("connection: keep-alive\r\n");
    private static final byte[] CLOSE = ascii("connection: close\r\n");
    private static final byte[] PREFIX = ascii("jackfield-");
    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final int CRLF = ('\r' << 8) | '\n';

    private final InstantSource time;
    private final byte[][] statusLines = new byte[STATUS_MAX + 1][];
    private byte[] date = new byte[0];

    Heads(InstantSource time) {
        this.time = time;
        for (int status = STATUS_MIN; status <= STATUS_MAX; status++) {
            String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
            statusLines[status] = ascii("HTTP/1.1 " + status + " " + reason + "\r\n");
        }
        refreshDate();
    }

    /** To be called at least once a second: RFC 9110 wants the time in every response. */
    void refreshDate() {
        date = ascii("date: " + DateFormatter.format(Date.from(time.instant())) + "\r\n");
    }

    void status(ByteBuf out, int status) {
        out.writeBytes(statusLines[status]).writeBytes(date);
    }

    static void contentType(ByteBuf out, CharSequence type) {
        out.writeBytes(CONTENT_TYPE);
        ByteBufUtil.writeUtf8(out, type);
        out.writeShort(CRLF);
    }

    static void contentLength(ByteBuf out, int bytes) {
        decimal(out.writeBytes(CONTENT_LENGTH), bytes);
        out.writeShort(CRLF);
    }

    static void chunked(ByteBuf out) {
        out.writeBytes(CHUNKED);
    }

    static void allow(ByteBuf out, String methods) {
        ByteBufUtil.writeAscii(out.writeBytes(ALLOW), methods);
        out.writeShort(CRLF);
    }

    static void retryAfter(ByteBuf out, long seconds) {
        decimal(out.writeBytes(RETRY_AFTER), seconds);
        out.writeShort(CRLF);
    }

    /** All headers but the content type, each as {@code jackfield-NAME}. */
    static void replyHeaders(ByteBuf out, Headers headers) {
        headers.forEach((name, value) -> {
            if (!name.equals(Headers.CONTENT_TYPE)) {
                ByteBufUtil.writeAscii(out.writeBytes(PREFIX), name);
                out.writeShort((':' << 8) | ' ');
                ByteBufUtil.writeUtf8(out, value);
                out.writeShort(CRLF);
            }
        });
    }

    /** Bytes that {@link #replyHeaders} and {@link #contentType} take at most. */
    static int bytesMax(Headers headers) {
        return headers.encodedBytes() * UTF_8_BYTES_PER_CHAR_MAX + headers.size() * NAME_AND_SEPARATORS_BYTES;
    }

    static void end(ByteBuf out, Ending ending) {
        switch (ending) {
            case STAYS_TOLD -> out.writeBytes(KEEP_ALIVE);
            case CLOSES -> out.writeBytes(CLOSE);
            default -> {}
        }
        out.writeShort(CRLF);
    }

    /** The size of a chunk, which must not be 0: that would be the last one. */
    static void chunkHead(ByteBuf out, int bytes) {
        int shift = (Integer.SIZE - Integer.numberOfLeadingZeros(bytes) - 1) / 4 * 4;
        for (; shift >= 0; shift -= 4) {
            out.writeByte(HEX[(bytes >>> shift) & 0xf]);
        }
        out.writeShort(CRLF);
    }

    static void chunkEnd(ByteBuf out) {
        out.writeShort(CRLF);
    }

    private static void decimal(ByteBuf out, long number) {
        long unit = 1;
        while (number / unit >= 10) {
            unit *= 10;
        }
        for (; unit > 0; unit /= 10) {
            out.writeByte((int) ('0' + number / unit % 10));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
