package io.jackfield.broker.http;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;

/**
 * Headers or trailers of a request, limited in number: one of three bytes takes fifty times as much memory, so a limit on bytes alone lets a
 * client that sends little take much. Owned by the broker loop.
 */
final class CountedHeaders extends DefaultHttpHeaders {
    /** More than programs send, and as many as servers usually take. */
    static final int COUNT_MAX = 100;

    /** What a header takes beside its bytes. */
    private static final int HEADER_BYTES = 160;

    private int count;

    private CountedHeaders(DefaultHttpHeadersFactory validators) {
        super(validators.getNameValidator(), validators.getValueValidator());
    }

    /** Makes them with Netty's checks of names and values. */
    static HttpHeadersFactory factory(DefaultHttpHeadersFactory validators) {
        return new HttpHeadersFactory() {
            @Override
            public HttpHeaders newHeaders() {
                return new CountedHeaders(validators);
            }

            @Override
            public HttpHeaders newEmptyHeaders() {
                return new CountedHeaders(validators);
            }
        };
    }

    /** Memory for the head of a request. */
    static int bytesMax(HttpSettings.Limits limits) {
        return limits.requestLineBytesMax() + limits.headersBytesMax() + COUNT_MAX * HEADER_BYTES;
    }

    @Override
    public HttpHeaders add(CharSequence name, Object value) {
        count++;
        if (count > COUNT_MAX) {
            throw new TooManyException();
        }
        return super.add(name, value);
    }

    /** There are more than that. */
    static final class TooManyException extends TooLongFrameException {
        private static final long serialVersionUID = 1L;

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // records nothing
        public Throwable fillInStackTrace() {
            return this;
        }
    }
}
