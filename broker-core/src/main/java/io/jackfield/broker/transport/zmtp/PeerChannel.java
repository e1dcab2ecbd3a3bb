package io.jackfield.broker.transport.zmtp;

import static java.util.Objects.requireNonNull;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Transport.ConnectionHandler;
import io.jackfield.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection, from its first byte to its end.
 *
 * <pre>
 *   GREETING -> HANDSHAKE -> OPEN -> CLOSING -> ENDED
 *       |           |         |
 *       |           |         +-> GONE -------> ENDED    the peer went away while reading was off
 *       +-----------+---------+---------------> ENDED    refused, cut off, or the peer went away
 * </pre>
 *
 * CLOSING: what was written is sent, then our half of the connection is closed, and what the peer still sends is thrown away until it
 * closes its half: closing both at once could make the operating system drop what the peer has not read. GONE: what had come before the peer
 * went is held until reading goes on. Owned by the broker loop.
 */
final class PeerChannel extends ChannelInboundHandlerAdapter implements MessageDecoder.Sink, Output.Owner {
    private enum Phase {
        GREETING,
        HANDSHAKE,
        OPEN,
        GONE,
        CLOSING,
        ENDED
    }

    private final PeerChannels peers;
    private final ZmtpCounters counters;
    private final ZmtpEndpoint endpoint;
    private final Channel channel;
    private final MessageDecoder decoder;
    private final Output output;
    private final Handshake handshake;

    private final InputBudget.Share input;
    private final HeldInput held;

    private String remoteAddress = "";
    private Object addressKey = "";
    private Phase phase = Phase.GREETING;
    private ConnectionHandler handler = Untold.INSTANCE;

    /** Of the phase OPEN. */
    private @Nullable Liveness liveness;

    private long openedNs;

    private String reason = "the peer closed the connection";

    /** When the present phase, or the message of that number, was begun. */
    private long sinceNs;

    private long sinceMessage;

    PeerChannel(PeerChannels peers, ZmtpEndpoint endpoint, Channel channel) {
        this.peers = peers;
        this.counters = peers.counters();
        this.endpoint = endpoint;
        this.channel = channel;
        this.input = peers.inputBudget().share();
        this.held = new HeldInput(channel.alloc(), input);
        this.decoder = new MessageDecoder(peers.limits(), channel.alloc(), input, this);
        this.output = new Output(
                channel, peers.turnFlush(), peers.outputBudget(), peers.limits().outputBytesMax(), this);
        this.handshake = new Handshake(endpoint, output);
        this.sinceNs = peers.nowNs();
    }

    String remoteAddress() {
        return remoteAddress;
    }

    /** The same for all that come from one place. */
    Object addressKey() {
        return addressKey;
    }

    /** Whether it was open for so long, after its handshake, be it that it has ended since. */
    boolean wasOpenFor(int timeMs) {
        return liveness != null && peers.nowNs() - openedNs >= TimeUnit.MILLISECONDS.toNanos(timeMs);
    }

    /** Why it ended, once it has. */
    String reason() {
        return reason;
    }

    // ---- told by Netty ----

    @Override
    public void channelActive(ChannelHandlerContext context) {
        remoteAddress = endpoint.address().peerText(channel);
        try {
            peers.add(this);
            if (endpoint.stated().isEmpty()) {
                addressKey = endpoint.address().peerKey(channel);
                peers.admission().add(this);
            }
            handshake.begin();
        } catch (ZmtpViolation violation) {
            refuse(violation);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf chunk = (ByteBuf) read;
        if (liveness != null) {
            liveness.heard();
        }
        try {
            if (held.isEmpty()) {
                decode(chunk);
            }
            if (isHeard() && chunk.isReadable()) {
                held.add(chunk);
            }
        } catch (ZmtpViolation violation) {
            refuse(violation);
        } finally {
            chunk.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (phase == Phase.OPEN && !held.isEmpty()) {
            phase = Phase.GONE;
            output.release();
        } else {
            finish();
        }
    }

    private void finish() {
        phase = Phase.ENDED;
        dropInput();
        output.release();
        peers.loop().guarded(() -> handler.closed(reason)).run();
        if (endpoint.stated().isEmpty()) {
            peers.admission().remove(this);
        }
        peers.remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (failure instanceof IOException) {
            broken("the connection broke: " + failure.getMessage());
        } else {
            peers.loop().failed("the connection of peer " + remoteAddress, failure);
            refuse(new ZmtpViolation(Refusal.INTERNAL_ERROR, failure.toString()));
        }
    }

    private void broken(String why) {
        if (phase == Phase.OPEN) { // what is held is the peer's last words
            reason = why;
            output.release();
            ChannelFuture unused = channel.close();
        } else {
            end(phase == Phase.CLOSING ? reason : why);
        }
    }

    // ---- told by the decoder and the output ----

    @Override
    public void message(Frames message) {
        counters.countMessageIn();
        try {
            handler.message(message);
        } catch (RuntimeException failure) {
            peers.loop().failed("a message of peer " + remoteAddress, failure);
        }
    }

    @Override
    public void manyTaken() {
        peers.turnFlush().flushAhead();
    }

    @Override
    public void command(ByteBuffer body) throws ZmtpViolation {
        if (phase == Phase.HANDSHAKE) {
            Optional<Metadata> peer = handshake.next(body);
            if (peer.isPresent()) {
                open(peer.get());
            }
        } else {
            traffic(Command.of(body), body);
        }
    }

    /** A command of an open connection, whose name has been read. */
    private void traffic(Command command, ByteBuffer data) throws ZmtpViolation {
        switch (command) {
            case PING -> {
                requireNonNull(liveness).ttl(Command.pingTtlMs(data));
                output.command(Command.PONG.body(Command.pingContext(data)));
            }
            case SUBSCRIBE ->
                peers.loop().guarded(() -> handler.subscribe(data)).run();
            case CANCEL -> peers.loop().guarded(() -> handler.cancel(data)).run();
            case PONG -> requireNonNull(liveness).answered(Command.pongContext(data));
            case READY, ERROR, OTHER -> {}
        }
    }

    @Override
    public void drained() {
        peers.loop().post(() -> {
            if (phase == Phase.OPEN) {
                handler.drained();
            }
        });
    }

    @Override
    public void written() {
        counters.countMessageOut();
    }

    @Override
    public void slowReader(long outputBytes) {
        refuse(new ZmtpViolation(
                Refusal.SLOW_READER,
                outputBytes + " bytes wait to be read (output-bytes-max: "
                        + peers.limits().outputBytesMax() + ")"));
    }

    @Override
    public void outputBudgetExceeded() {
        peers.outputBudget().enforce();
    }

    @Override
    public void unfinishedMessage() {
        refuse(new ZmtpViolation(Refusal.INTERNAL_ERROR, "a message to the peer was begun and not ended"));
    }

    // ---- told by the connection's user ----

    /** See {@link io.jackfield.broker.transport.Connection#reading}. */
    void reading(boolean on) {
        if (!isHeard()) {
            return;
        }
        if (phase == Phase.OPEN) {
            channel.config().setAutoRead(on);
        }
        if (on) {
            decoder.resume();
            peers.loop().post(this::takeHeld);
        } else {
            decoder.stop();
        }
    }

    /** See {@link io.jackfield.broker.transport.Connection#close}. A peer in the handshake is ended at once. */
    void close(String why) {
        if (phase == Phase.OPEN) {
            endGently(why);
        } else if (phase != Phase.CLOSING) {
            end(why);
        }
    }

    /** Whether the peer knows SUBSCRIBE and CANCEL as commands (ZMTP 3.1); to one of ZMTP 3.0 they are messages. */
    boolean understandsSubscriptionCommands() {
        return handshake.minor() > 0;
    }

    // ---- told by what all peers share ----

    /** What it sent and what was not yet handed over. */
    InputBudget.Share input() {
        return input;
    }

    void settleOutput() {
        output.settle();
    }

    long heldOutput() {
        return output.charged();
    }

    /** Ends the connection at once, also one that is closing. */
    void cutOff(ZmtpViolation violation) {
        refuse(violation);
        end(violation.reason());
        output.release();
    }

    // ---- told by the sweep ----

    /** Ends the connection if something takes too long. */
    void judge(long nowNs) {
        switch (phase) {
            case GREETING, HANDSHAKE -> {
                if (passed(nowNs, peers.limits().handshakeTimeMs())) {
                    refuse(tooLong(
                            Refusal.HANDSHAKE_TIME,
                            handshake.soFar(),
                            peers.limits().handshakeTimeMs()));
                }
            }
            case OPEN -> judgeOpen(nowNs, requireNonNull(liveness));
            case GONE -> {}
            case CLOSING -> {
                if (passed(nowNs, peers.limits().lingerTimeMs())) {
                    end(reason);
                }
            }
            case ENDED -> {}
        }
    }

    private void judgeOpen(long nowNs, Liveness life) {
        try {
            judgeMessage(nowNs);
            judgeLife(nowNs, life);
        } catch (ZmtpViolation violation) {
            refuse(violation);
        }
    }

    /** A peer that we do not read from, or that takes what it was sent before, cannot answer now. */
    private void judgeLife(long nowNs, Liveness life) throws ZmtpViolation {
        if (output.passesOn() || decoder.stopped()) {
            life.heard();
        }
        life.judge(nowNs, output.messageBytes());
        if (life.isPingDue(nowNs) && !output.backlogged()) {
            life.pinged(nowNs, output.messageBytes());
            output.command(Command.ping(peers.limits().pingTimeoutMs(), output.messageBytes()));
        }
    }

    private void judgeMessage(long nowNs) throws ZmtpViolation {
        if (!decoder.inMessage()) {
            return;
        }
        if (decoder.stopped() || sinceMessage != decoder.partialMessages()) {
            sinceMessage = decoder.partialMessages();
            sinceNs = nowNs;
        } else if (passed(nowNs, peers.limits().messageTimeMs())) {
            throw tooLong(Refusal.MESSAGE_TIME, "message", peers.limits().messageTimeMs());
        }
    }

    private boolean passed(long nowNs, int timeMs) {
        return nowNs - sinceNs > TimeUnit.MILLISECONDS.toNanos(timeMs);
    }

    private static ZmtpViolation tooLong(Refusal refusal, String what, int timeMs) {
        return new ZmtpViolation(refusal, "the " + what + " was not complete after " + timeMs + " ms");
    }

    // ---- input ----

    private void decode(ByteBuf chunk) throws ZmtpViolation {
        if (phase == Phase.GREETING && handshake.readGreeting(chunk)) {
            phase = Phase.HANDSHAKE;
        }
        if (phase == Phase.HANDSHAKE || isHeard()) {
            decoder.read(chunk);
        }
    }

    private void takeHeld() {
        while (isHeard() && !decoder.stopped() && !held.isEmpty()) {
            decodeHeld();
        }
        if (phase == Phase.GONE && held.isEmpty()) {
            finish();
        }
    }

    private void decodeHeld() {
        ByteBuf chunk = held.first();
        try {
            decode(chunk);
            held.dropRead();
        } catch (ZmtpViolation violation) {
            refuse(violation);
        } finally {
            chunk.release();
        }
    }

    /** Whether what the peer sent is handed over. */
    private boolean isHeard() {
        return phase == Phase.OPEN || phase == Phase.GONE;
    }

    private void open(Metadata peer) throws ZmtpViolation {
        handshake.end(peer.socketType());
        decoder.allowMessages();
        phase = Phase.OPEN;
        openedNs = peers.nowNs();
        counters.countOpened();
        peers.admission().opened(this);
        ZmtpConnection connection = new ZmtpConnection(peers.nextId(), peer, this, output);
        liveness = new Liveness(peers.limits(), connection, handshake.minor(), new HostSilence(channel), openedNs);
        handler = endpoint.acceptor().opened(connection);
    }

    // ---- the end ----

    private void refuse(ZmtpViolation violation) {
        if (phase == Phase.CLOSING || phase == Phase.ENDED) {
            return;
        }
        peers.refused(remoteAddress, violation);
        if (violation.refusal().permanent()) {
            output.command(Command.error(ErrorCode.UNSUPPORTED_PEER + ": " + violation.detail()));
            endGently(violation.reason());
        } else {
            end(violation.reason());
        }
    }

    private void endGently(String why) {
        phase = Phase.CLOSING;
        reason = why;
        sinceNs = peers.nowNs();
        dropInput();
        channel.config().setAutoRead(true);
        output.close(sent -> {
            if (sent.isSuccess()) {
                ((DuplexChannel) channel).shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            }
        });
    }

    private void end(String why) {
        if (phase == Phase.ENDED) { // what was not sent fails when the channel closes
            return;
        }
        if (phase == Phase.GONE) { // the channel has told of its end before
            peers.loop().post(this::finish);
        }
        phase = Phase.ENDED;
        reason = why;
        dropInput();
        output.release();
        ChannelFuture unused = channel.close();
    }

    private void dropInput() {
        decoder.stop();
        decoder.release();
        held.release();
    }
}
