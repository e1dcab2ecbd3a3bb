package io.jackfield.broker.transport.jeromq;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport.Acceptor;
import io.jackfield.broker.transport.Transport.ConnectionHandler;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;

/** A peer behind JeroMQ, as the rest of the broker sees it. Owned by the broker loop; {@link RouterThread} tells it what happens by mailbox. */
final class JeromqConnection implements Connection {
    /** The way to JeroMQ's thread. */
    interface Way {
        /** Sends the message; false: too many wait already. */
        boolean send(List<OutputFrame> message);

        /** Ends the connection, at once or when the peer had time to read. */
        void hangUp(boolean gently);

        /** Counts the refusal and says it in the log. */
        void refused(Refusal refusal, String reason);

        /** The loop is done with that much input. */
        void consumed(int wireBytes);

        /** Has the loop do it in a later turn. */
        void later(Runnable command);
    }

    private final long id;
    private final SocketType socketType;
    private final String remoteAddress;
    private final Way way;
    private final int outputBytesMax;
    private final AtomicLong outputBytes = new AtomicLong();
    private final OutputMessage output = new OutputMessage(this::written, outputBytes);
    private final Queue<Frames> held = new ArrayDeque<>();

    private ConnectionHandler handler = Untold.INSTANCE;
    private Optional<String> reason = Optional.empty();
    private boolean reading = true;
    private boolean told;

    JeromqConnection(long id, SocketType socketType, String remoteAddress, Way way, int outputBytesMax) {
        this.id = id;
        this.socketType = socketType;
        this.remoteAddress = remoteAddress;
        this.way = way;
        this.outputBytesMax = outputBytesMax;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SocketType socketType() {
        return socketType;
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public MessageWriter message() {
        if (!output.begin()) {
            cutOff(Refusal.INTERNAL_ERROR, "a message to the peer was begun and not ended");
        }
        return output;
    }

    @Override
    public boolean takesOutput() {
        return isOpen();
    }

    @Override
    public long outputBytes() {
        return outputBytes.get();
    }

    @Override
    public void reading(boolean on) {
        reading = on;
        if (on && !held.isEmpty()) {
            way.later(this::takeHeld);
        }
    }

    @Override
    public void close(String why) {
        if (isOpen()) {
            ends(why, true);
        }
    }

    // ---- told by JeroMQ's thread, on the loop ----

    /** The peer's first message came. */
    void opened(Acceptor acceptor) {
        if (!isServable() || !acceptor.serves(socketType)) {
            cutOff(Refusal.WRONG_SOCKET_TYPE, "socket type " + socketType + " is not served at this endpoint");
            return;
        }
        try {
            handler = acceptor.opened(this);
        } catch (RuntimeException | Error failure) {
            cutOff(Refusal.INTERNAL_ERROR, "the peer could not be taken");
            throw failure;
        }
    }

    /** A message came; the frames are kept ones. */
    void received(Frames message) {
        if (isOpen() && (!reading || !held.isEmpty())) {
            held.add(message);
        } else {
            take(message);
        }
    }

    /** The peer is gone, whoever ended it. */
    void gone(String why) {
        reason = Optional.of(reason.orElse(why));
        dropHeld();
        tell();
    }

    /** JeroMQ's thread cuts the peer off. */
    void cutOff(Refusal refusal, String detail) {
        if (isOpen()) {
            String why = refusal + ": " + detail;
            way.refused(refusal, why);
            ends(why, false);
        }
    }

    @Override
    public String toString() {
        return socketType + " " + remoteAddress;
    }

    // ---- both ways ----

    /** We are a ROUTER to all; what comes and goes is right for these two only. */
    private boolean isServable() {
        return socketType == SocketType.DEALER || socketType == SocketType.REQ;
    }

    private boolean isOpen() {
        return reason.isEmpty();
    }

    private void written(List<OutputFrame> message) {
        if (!isOpen()) {
            return;
        }
        long cost = message.stream().mapToLong(OutputFrame::cost).sum();
        long total = outputBytes.addAndGet(cost);
        if (!way.send(message)) {
            outputBytes.addAndGet(-cost);
            cutOff(Refusal.OUTPUT_QUEUE, "JeroMQ's thread is too far behind");
        } else if (total > outputBytesMax) {
            cutOff(Refusal.SLOW_READER, total + " bytes wait to be taken (output-bytes-max: " + outputBytesMax + ")");
        }
    }

    private void takeHeld() {
        try {
            while (isOpen() && reading && !held.isEmpty()) {
                take(held.remove());
            }
        } finally {
            if (reading && !held.isEmpty()) { // the handler failed over one message
                way.later(this::takeHeld);
            }
        }
    }

    private void take(Frames message) {
        way.consumed(message.wireBytes());
        if (isOpen()) {
            handler.message(message);
        }
    }

    private void ends(String why, boolean gently) {
        reason = Optional.of(why);
        dropHeld();
        way.hangUp(gently);
        way.later(this::tell);
    }

    private void dropHeld() {
        held.forEach(message -> way.consumed(message.wireBytes()));
        held.clear();
    }

    private void tell() {
        if (!told) {
            told = true;
            handler.closed(reason.orElse(""));
        }
    }

    /** The handler of a peer that nobody was told of. */
    private enum Untold implements ConnectionHandler {
        INSTANCE;

        @Override
        public void message(Frames message) {
            throw new IllegalStateException("a message of a peer that was not taken");
        }

        @Override
        public void closed(String reason) {}
    }
}
