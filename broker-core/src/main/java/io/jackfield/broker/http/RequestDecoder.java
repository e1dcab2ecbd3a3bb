package io.jackfield.broker.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * Netty's decoder, strict (RFC 9112: CR LF only, no Transfer-Encoding beside Content-Length), that stops between two requests when its
 * connection says so. What it has not decoded waits in its buffer, and reading is off meanwhile. Owned by the broker loop.
 */
final class RequestDecoder extends HttpRequestDecoder {
    /** Largest piece of a body in one {@code HttpContent}. */
    static final int CONTENT_BYTES_MAX = 64 << 10;

    private final HttpConnection connection;

    RequestDecoder(HttpConnection connection, HttpSettings.Limits limits) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLineBytesMax())
                .setMaxHeaderSize(limits.headersBytesMax())
                .setMaxChunkSize(CONTENT_BYTES_MAX)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false)
                .setHeadersFactory(CountedHeaders.factory(DefaultHttpHeadersFactory.headersFactory()))
                .setTrailersFactory(CountedHeaders.factory(DefaultHttpHeadersFactory.trailersFactory())));
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        if (connection.ignoresInput()) {
            connection.dropped(((ByteBuf) input).readableBytes());
            ReferenceCountUtil.release(input);
        } else {
            super.channelRead(ctx, input);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (ctx.channel().config().isAutoRead()) {
            super.channelReadComplete(ctx);
        } else {
            // Netty's own would ask for more to read, because nothing came of this: reading would never pause.
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (connection.ignoresInput()) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!connection.takesRequests()) {
            return;
        }
        int before = in.readableBytes();
        super.decode(ctx, in, out);
        if (out.isEmpty() && in.readableBytes() < before) {
            connection.requestBegun();
        }
    }

    /** Memory that holds bytes that are not decoded yet. */
    int restBytes() {
        return internalBuffer().capacity();
    }

    /** True if bytes are here that are not decoded yet. */
    boolean hasRest() {
        return actualReadableBytes() > 0;
    }
}
