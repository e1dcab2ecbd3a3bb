package io.jackfield.kit;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ProtocolException;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's conversation with one broker: the requests that are with it, until they have ended or go elsewhere. What happens on it
 * happens on its link's thread.
 */
final class Line implements Link.Events {
    private static final Logger LOG = LoggerFactory.getLogger(Line.class);
    /** The broker ends a request at its deadline; only when it does not, for this long, does the client end it itself. */
    private static final long GRACE_MS = 250;
    /** Ticks without a request after which a line that is left is closed: a caller may just be putting one on it. */
    private static final int LEAVING_TICKS = 10;

    final Link link;
    private final Client client;
    /** Requests that the broker has: only those can be cancelled there. */
    private final Set<Long> atBroker = new HashSet<>();

    private volatile boolean leaving;
    private int idleTicks;

    Line(Client client, LinkOptions options) {
        this.client = client;
        this.link = new Link(options, this);
    }

    /** Not for one session: where too much waits to be sent it is refused, which must end nobody else's requests. */
    void cancel(Pending request) {
        if (!link.send(Jf1Message.cancel(request.id))) {
            LOG.debug("request {} was not cancelled at the broker: it goes on there until its deadline", request.id);
        }
    }

    @Override
    public void opened() {
        // A client says nothing before its first request.
    }

    @Override
    public boolean wanted(Jf1Message message) {
        return switch (message.command()) {
            case REQUEST -> mine(message.id());
            case CANCEL -> atBroker.contains(message.id());
            default -> true;
        };
    }

    @Override
    public Jf1Message timed(Jf1Message message) {
        if (message.command() != Command.REQUEST) {
            return message;
        }
        long nowNs = System.nanoTime();
        return client.find(message.id()).map(request -> request.timed(nowNs)).orElse(message);
    }

    @Override
    public void sent(Jf1Message message) {
        if (message.command() == Command.REQUEST) {
            atBroker.add(message.id());
            client.find(message.id()).ifPresent(request -> request.sent = true);
        } else if (message.command() == Command.CANCEL) {
            atBroker.remove(message.id());
        }
    }

    /** Nobody may wait for what cannot be read. There may be more of it, which nobody wants then. */
    @Override
    public void misread(ProtocolException breach, boolean answerable) {
        long id = breach.requestId();
        if (!mine(id)) {
            return;
        }
        client.find(id).ifPresent(this::cancel);
        String cause = "the broker's answer cannot be read: " + breach.message();
        client.fail(id, Failure.of(breach.code(), cause, breach.failure().hint()));
    }

    @Override
    public void received(Jf1Message message) {
        FixedHeader header = message.header();
        switch (message.command()) {
            case REPLY -> replied(header, message);
            case FAILURE -> failed(header.id(), message.failure());
            case DRAIN -> leave();
            default -> {
                // HEARTBEAT is an answer; DISCONNECT says what the end of the connection will say.
            }
        }
    }

    private void replied(FixedHeader header, Jf1Message message) {
        client.served();
        if (!mine(header.id())) {
            return; // of a request that was cancelled meanwhile
        }
        if (header.has(Flags.PARTIAL)) {
            client.find(header.id()).ifPresent(request -> partial(request, message));
        } else {
            atBroker.remove(header.id());
            client.take(header.id()).ifPresent(request -> request.answer.complete(Contents.reply(message)));
        }
    }

    private void partial(Pending request, Jf1Message message) {
        request.begun = true;
        try {
            request.call.partial.accept(Contents.reply(message));
        } catch (Throwable thrown) {
            // The program's code: an Error of it ends this call and nothing else.
            cancel(request);
            client.take(request.id).ifPresent(taken -> taken.answer.completeExceptionally(thrown));
        }
    }

    private void failed(long id, Failure failure) {
        if (!mine(id)) {
            // NOT_READY with id 0 is no loss: heartbeats go out before the first request, and no connection is made
            // again unseen.
            return;
        }
        if (failure.code() == ErrorCode.DRAINING) {
            leave();
        }
        atBroker.remove(id);
        client.find(id).ifPresent(request -> askAgainOrFail(request, failure));
    }

    /** New requests go to the next broker, if there is one; those that are here end here. */
    private void leave() {
        if (client.leave(this)) {
            leaving = true;
        }
    }

    @Override
    public void lost(String reason) {
        if (client.leave(this)) {
            // Before the requests are taken off, so that none is put on after that.
            link.close();
        }
        atBroker.clear();
        Failure failure =
                Failure.of(ErrorCode.CONNECTION_LOST, reason, "whether the request was carried out is not known");
        Failure unsent = Failure.of(ErrorCode.CONNECTION_LOST, reason, "the request was not sent");
        mine().forEach(request -> askAgainOrFail(request, request.sent ? failure : unsent));
    }

    private void askAgainOrFail(Pending request, Failure failure) {
        long nowNs = System.nanoTime();
        OptionalLong pauseMs = request.attempts.pauseMs(failure, request.sent, nowNs);
        if (request.begun || pauseMs.isEmpty() || !request.leaves(pauseMs.getAsLong(), nowNs)) {
            client.fail(request.id, failure);
            return;
        }
        request.sent = false;
        request.againNs = OptionalLong.of(nowNs + pauseMs.getAsLong() * 1_000_000);
        if (pauseMs.getAsLong() == 0 || link.isClosed()) {
            askAgain(request);
        }
    }

    private void askAgain(Pending request) {
        if (request.line.compareAndSet(this, null)) {
            client.ask(request);
        }
    }

    @Override
    public void tick(long nowNs) {
        List<Pending> mine = mine();
        for (Pending request : mine) {
            if (request.isOver(nowNs, GRACE_MS)) {
                cancel(request);
                client.fail(
                        request.id, Failure.of(ErrorCode.DEADLINE_EXCEEDED, "the broker did not answer in time", ""));
            } else if (request.isDue(nowNs)) {
                askAgain(request);
            }
        }
        idleTicks = mine.isEmpty() ? idleTicks + 1 : 0;
        if (leaving && idleTicks > LEAVING_TICKS) {
            link.close();
        }
    }

    private List<Pending> mine() {
        return client.onLine(this);
    }

    private boolean mine(long id) {
        return client.find(id).filter(request -> request.line.get() == this).isPresent();
    }
}
