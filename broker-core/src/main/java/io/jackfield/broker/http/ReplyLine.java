package io.jackfield.broker.http;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one connection in the order of its requests, and its output. Owned by the broker loop.
 *
 * <p>The first in the line writes into the output, which goes to the operating system once a turn; those behind it write into memory of
 * their own. Both count towards what a client may leave unread.
 */
final class ReplyLine {
    private static final int OUTPUT_BYTES = 4 << 10;
    private static final Failure CLOSED = Failure.of(
            ErrorCode.CANCELLED,
            "the connection ended with the answer to an earlier request",
            "ask again on a new connection");

    private final HttpFrontend frontend;
    private final HttpConnection connection;
    private final Channel channel;
    private final ArrayDeque<HttpReplyRoute> waiting = new ArrayDeque<>(4);
    private @Nullable ByteBuf output;
    private long heldBytes;

    /** What the budget of all connections was told that this holds, and what is about to be written on top. */
    private long charged;

    private int wantedBytes;
    private boolean unflushed;
    private boolean closing;
    private boolean released;
    private boolean gone;

    ReplyLine(HttpFrontend frontend, HttpConnection connection, Channel channel) {
        this.frontend = frontend;
        this.connection = connection;
        this.channel = channel;
    }

    /** Takes a place at the end. */
    void join(HttpReplyRoute route) {
        waiting.addLast(route);
    }

    /** Requests not yet answered. */
    int count() {
        return waiting.size();
    }

    /** True if nobody waits and everything is sent. */
    boolean isIdle() {
        return waiting.isEmpty() && pendingBytes() == 0;
    }

    boolean isFirst(HttpReplyRoute route) {
        return waiting.peekFirst() == route;
    }

    /** True if the connection should end with this answer: the broker drains, and nobody waits behind it. */
    boolean endsWith(HttpReplyRoute route) {
        return frontend.isDraining() && waiting.peekLast() == route;
    }

    /** No more answers: the last one is written or the connection is lost. */
    boolean isClosing() {
        return closing || gone;
    }

    HttpCounters counters() {
        return frontend.counters();
    }

    Heads heads() {
        return frontend.heads();
    }

    /** Runs the command on the loop in a later turn. */
    void later(Runnable command) {
        frontend.loop().post(command);
    }

    /**
     * Where the route may write so many bytes now; null if nobody will read them. Cuts the client off when it leaves too much unread, which
     * one answer alone never does.
     */
    @Nullable
    ByteBuf room(HttpReplyRoute route, int bytes) {
        if (isClosing() || route.isEnded()) {
            return null;
        }
        long pending = pendingBytes();
        if (pending > 0 && pending + bytes > frontend.limits().outputBytesMax()) {
            connection.cutSlowReader(pending + " bytes of its answers are unread, and " + bytes
                    + " are to come (output-bytes-max: " + frontend.limits().outputBytesMax() + ")");
            return null;
        }
        if (!afford(pending, bytes)) {
            return null;
        }
        if (isFirst(route)) {
            return outputRoom(bytes);
        }
        ByteBuf held = route.held;
        if (held == null) {
            held = channel.alloc().buffer(bytes);
            route.held = held;
        }
        held.ensureWritable(bytes);
        route.heldBytes += bytes;
        heldBytes += bytes;
        return held;
    }

    /** Takes a part of what all connections together may leave unread; false if that has ended this one. */
    private boolean afford(long pending, int bytes) {
        charge(pending + bytes);
        if (frontend.output().exceeded()) {
            wantedBytes = bytes;
            frontend.output().enforce();
            wantedBytes = 0;
        }
        return !isClosing();
    }

    /** What this has of the budget, compared with others: what is only about to be written counts half, for it may be read at once. */
    long shareBytes() {
        return charged - wantedBytes / 2;
    }

    /** Sends what can be sent, and tells the budget what is left. */
    void settle() {
        flush();
        charge(pendingBytes() + wantedBytes);
    }

    private void charge(long bytes) {
        if (!released) {
            frontend.output().add(bytes - charged);
            charged = bytes;
        }
    }

    /** The route has written a part of its answer. */
    void written(HttpReplyRoute route) {
        if (!isClosing() && isFirst(route)) {
            wantFlush();
        }
    }

    /** The route has written the last of its answer. */
    void ended(HttpReplyRoute route) {
        if (isClosing() || !isFirst(route)) {
            return;
        }
        wantFlush();
        HttpReplyRoute first = route;
        while (first != null && first.isEnded()) {
            waiting.removeFirst();
            if (first.closes()) {
                // A body that is still on its way would turn the end into a reset, and that takes the answer with it.
                close(!frontend.isClosing() && (first.lingers() || connection.isReceiving(first)));
                return;
            }
            first = waiting.peekFirst();
            if (first != null) {
                release(first);
            }
        }
        connection.answered();
    }

    /** Lets a client that waits for word send its body, once that does not fall between the answers to others. */
    void tellToContinue(HttpReplyRoute route) {
        if (!isClosing() && isFirst(route) && route.awaitsContinue()) {
            route.awaitContinue(false);
            connection.letGoOn();
            outputRoom(Heads.CONTINUE.length).writeBytes(Heads.CONTINUE);
            wantFlush();
        }
    }

    /** Bytes written and not yet taken by the operating system. */
    long pendingBytes() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        return heldBytes
                + (output == null ? 0 : output.readableBytes())
                + (unsent == null ? 0 : unsent.totalPendingWriteBytes());
    }

    /** A number that changes whenever the client takes bytes. */
    long progress() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        return unsent == null ? 0 : unsent.totalPendingWriteBytes() * 31 + unsent.currentProgress();
    }

    /** Hands the output to the operating system, if there is any. */
    void flush() {
        if (unflushed) {
            unflushed = false;
            passOn();
            channel.flush();
            charge(pendingBytes() + wantedBytes);
        }
    }

    /** An answer cannot be finished: ends the connection so that the client sees that a part is missing. */
    void abort(boolean byReset) {
        if (isClosing()) {
            return;
        }
        if (byReset) {
            // The end of an HTTP/1.0 body is the end of the connection: only a reset says that it came too early.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            cut();
        } else {
            closing = true;
            finish(ChannelFutureListener.CLOSE);
        }
    }

    /** Ends the connection now, whatever the client has not taken yet. */
    void cut() {
        closing = true;
        charge(0);
        released = true; // what was not sent goes with the channel, the rest in a later turn
        ChannelFuture unused = channel.close();
    }

    /** Sends what there is, then ends the connection. Those still in the line are cancelled. */
    void close(boolean lingering) {
        if (isClosing()) {
            return;
        }
        closing = true;
        finish(done -> {
            if (lingering && done.isSuccess()) {
                ChannelFuture unused = ((DuplexChannel) channel).shutdownOutput();
                connection.linger();
            } else {
                ChannelFuture unused = channel.close();
            }
        });
        if (!waiting.isEmpty()) {
            // Not at once: whoever ended the answer before them is in the middle of his own work.
            later(() -> cancelAll(CLOSED));
        }
    }

    /** The connection is lost; returns true if anybody was still waiting for an answer. */
    boolean gone(Failure why) {
        gone = true;
        boolean anyWaited = cancelAll(why);
        if (output != null) {
            output.release();
            output = null;
        }
        charge(0);
        released = true;
        return anyWaited;
    }

    /** Answers everybody in the line with the failure. */
    void failAll(Failure why) {
        for (HttpReplyRoute route : List.copyOf(waiting)) {
            route.cancel(why);
        }
    }

    private boolean cancelAll(Failure why) {
        boolean anyWaited = false;
        HttpReplyRoute route = waiting.pollFirst();
        while (route != null) {
            anyWaited |= !route.isEnded();
            route.cancel(why);
            if (route.held != null) {
                route.held.release();
                route.held = null;
            }
            route = waiting.pollFirst();
        }
        return anyWaited;
    }

    private ByteBuf outputRoom(int bytes) {
        if (output != null && output.writableBytes() < bytes) {
            passOn();
        }
        ByteBuf room = output;
        if (room == null) {
            room = channel.alloc().ioBuffer(Math.max(bytes, OUTPUT_BYTES));
            output = room;
        }
        return room;
    }

    /** Its turn has come: what it has written goes out. */
    private void release(HttpReplyRoute route) {
        ByteBuf held = route.held;
        if (held != null) {
            route.held = null;
            heldBytes -= route.heldBytes;
            route.heldBytes = 0;
            append(held);
        }
        tellToContinue(route);
    }

    private void append(ByteBuf held) {
        if (held.readableBytes() <= OUTPUT_BYTES) {
            outputRoom(held.readableBytes()).writeBytes(held);
            held.release();
            return;
        }
        passOn();
        ChannelFuture unused = channel.write(held, channel.voidPromise()); // a failure ends the connection
    }

    private void passOn() {
        if (output != null) {
            ByteBuf full = output.isWritable() && isBacklogged() ? copyOf(output) : output;
            output = null;
            ChannelFuture unused = channel.write(full, channel.voidPromise()); // a failure ends the connection
        }
    }

    private boolean isBacklogged() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        return unsent != null && unsent.totalPendingWriteBytes() > 0;
    }

    /** As large as what it holds: what waits for a client that does not read costs what was charged for it, not a buffer a piece. */
    private ByteBuf copyOf(ByteBuf part) {
        ByteBuf copy = channel.alloc().directBuffer(part.readableBytes()).writeBytes(part);
        part.release();
        return copy;
    }

    private void finish(ChannelFutureListener whenSent) {
        ByteBuf last = output == null ? Unpooled.EMPTY_BUFFER : output;
        output = null;
        unflushed = false;
        ChannelFuture unused = channel.writeAndFlush(last).addListener(whenSent);
    }

    private void wantFlush() {
        if (!unflushed) {
            unflushed = true;
            if (!connection.isReading()) {
                frontend.flushAfterTurn(this);
            }
        }
    }
}
