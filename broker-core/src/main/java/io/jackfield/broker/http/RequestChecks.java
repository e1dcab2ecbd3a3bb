package io.jackfield.broker.http;

import io.jackfield.protocol.ErrorCode;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;

/** What must hold of a request before anybody looks at where it wants to go: framing that leaves no doubt, and known sizes. */
final class RequestChecks {
    private static final String HINT = "see RFC 9112";

    private RequestChecks() {}

    /** Every refusal from here ends the connection: the next request might be part of this one. */
    static void check(HttpRequest request, HttpSettings.Limits limits) throws HttpRefusal {
        decoded(request.decoderResult(), limits);
        version(request.protocolVersion());
        target(request.uri());
        HttpHeaders headers = request.headers();
        if (request.protocolVersion().minorVersion() > 0) {
            oneHost(headers);
        }
        transferEncoding(headers);
        if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            length(HttpUtil.getContentLength(request, 0L), limits);
        }
    }

    /** What the decoder could make nothing of. */
    static void decoded(DecoderResult result, HttpSettings.Limits limits) throws HttpRefusal {
        if (!result.isFailure()) {
            return;
        }
        Throwable cause = result.cause();
        if (cause instanceof TooLongHttpLineException) {
            throw HttpRefusal.ending(
                    ErrorCode.HEADERS_TOO_LARGE,
                    "request line: more than " + limits.requestLineBytesMax() + " bytes (request-line-bytes-max)",
                    "send what is long in the body");
        }
        if (cause instanceof CountedHeaders.TooManyException) {
            throw HttpRefusal.ending(
                    ErrorCode.HEADERS_TOO_LARGE,
                    "headers: more than " + CountedHeaders.COUNT_MAX,
                    "send fewer headers");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            throw HttpRefusal.ending(
                    ErrorCode.HEADERS_TOO_LARGE,
                    "headers: more than " + limits.headersBytesMax() + " bytes (headers-bytes-max)",
                    "send fewer or shorter headers");
        }
        throw bad("request: " + cause.getMessage() + " (expected: HTTP/1.1)");
    }

    /** The length of a body, announced or arrived. */
    static void length(long bytes, HttpSettings.Limits limits) throws HttpRefusal {
        if (bytes > limits.bodyBytesMax()) {
            throw HttpRefusal.ending(
                    ErrorCode.TOO_LARGE,
                    "body: " + bytes + " bytes or more (body-bytes-max: " + limits.bodyBytesMax() + ")",
                    "send less at once");
        }
    }

    private static void version(HttpVersion version) throws HttpRefusal {
        if (version.majorVersion() != 1) {
            throw HttpRefusal.ending(
                    ErrorCode.UNSUPPORTED_VERSION,
                    "version: " + version.text() + " (expected: HTTP/1.1 or HTTP/1.0)",
                    "use HTTP/1.1");
        }
    }

    private static void target(String target) throws HttpRefusal {
        for (int i = 0; i < target.length(); i++) {
            char character = target.charAt(i);
            if (character <= ' ' || character == 0x7f) {
                throw bad(String.format(
                        "target: U+%04X at index %d (expected: no control characters)", (int) character, i));
            }
        }
    }

    private static void oneHost(HttpHeaders headers) throws HttpRefusal {
        Iterator<? extends CharSequence> hosts = headers.valueCharSequenceIterator(HttpHeaderNames.HOST);
        if (!hosts.hasNext()) {
            throw bad("Host: none (expected: one)");
        }
        hosts.next();
        if (hosts.hasNext()) {
            throw bad("Host: more than one (expected: one)");
        }
    }

    /** Whatever is not plainly one {@code chunked} might be framed otherwise by a proxy before us. */
    private static void transferEncoding(HttpHeaders headers) throws HttpRefusal {
        if (!headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            return;
        }
        if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            throw bad("Content-Length beside Transfer-Encoding (expected: one of them)");
        }
        Iterator<? extends CharSequence> codings = headers.valueCharSequenceIterator(HttpHeaderNames.TRANSFER_ENCODING);
        CharSequence coding = codings.next();
        if (codings.hasNext() || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding)) {
            throw bad(
                    "Transfer-Encoding: " + coding + (codings.hasNext() ? ", and more" : "") + " (expected: chunked)");
        }
    }

    private static HttpRefusal bad(String cause) {
        return HttpRefusal.ending(ErrorCode.BAD_MESSAGE, cause, HINT);
    }
}
