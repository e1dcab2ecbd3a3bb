package io.jackfield.broker.plugin;

import io.jackfield.api.Request;
import io.jackfield.broker.dispatch.Assignment;
import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.dispatch.Worker;
import io.jackfield.broker.dispatch.WorkerSession;
import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.loop.Timers;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Reply;
import io.jackfield.host.CallListener;
import io.jackfield.host.Declared;
import io.jackfield.host.HandlerCall;
import io.jackfield.host.HostedHandler;
import io.jackfield.host.InlineWatch;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Limits;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A handler of a plugin as a worker. Owned by the broker loop; the handler runs on threads of its own, or, if it declares that it never
 * blocks, on the loop itself, and its answers come back through the mailbox.
 */
final class LocalWorker implements Worker {
    private static final Logger LOG = LoggerFactory.getLogger(LocalWorker.class);

    /** Requests that may wait for a quick handler's threads. */
    private static final int AHEAD_MAX = 256;

    private final String plugin;
    private final HostedHandler handler;
    private final Surroundings surroundings;
    private final Executor cancels;
    private final Lookahead lookahead = new Lookahead(AHEAD_MAX);
    private final Starts starts;
    private final Answers answers;
    private @Nullable WorkerSession session;
    private @Nullable CallWatch watch;

    /** Written by the loop for the handler's threads: see {@link Lookahead#isVeryQuick}. */
    private volatile boolean quick;

    /**
     * What all workers in this process have in common.
     *
     * @param watch of the loop
     * @param queueLengthMax requests that wait for one handler
     * @param bodyBytesMax of a reply, all parts together
     */
    record Surroundings(
            Mailbox mailbox, Timers timers, Clock clock, InlineWatch watch, int queueLengthMax, int bodyBytesMax) {}

    /**
     * @param plugin id, version and generation, for people
     * @param cancels where the futures of asynchronous calls are cancelled: that runs what the plugin hung on their end, and may block
     */
    LocalWorker(String plugin, HostedHandler handler, Surroundings surroundings, Executor cancels) {
        this.plugin = plugin;
        this.handler = handler;
        this.surroundings = surroundings;
        this.cancels = cancels;
        this.starts =
                new Starts(handler.executor(), surroundings.mailbox(), surroundings.timers(), surroundings.clock());
        this.answers = new Answers(surroundings.mailbox());
    }

    /** Takes its place among the workers of its service; {@link #start} must follow. */
    void register(Dispatcher dispatcher) throws RefusedException {
        Declared declared = handler.declared();
        ServiceDeclaration declaration = new ServiceDeclaration(
                declared.service(), declared.version(), declared.idempotent(), declared.timeoutMs());
        session = dispatcher.register(this, List.of(declaration), credit());
        // They wait with the dispatcher, where another worker may take them.
        dispatcher.boundQueue(declared.service(), surroundings.queueLengthMax());
        if (declared.nonBlocking()) {
            surroundings.watch().begin();
        }
    }

    private void settleCredit() {
        quick = lookahead.isVeryQuick();
        session().credit(credit());
    }

    /** What runs inline is over before the next is given; with one to spare the worker need not leave its place for that. */
    private int credit() {
        return handler.declared().concurrency() + (mayRunInline() ? 1 : lookahead.requests());
    }

    private boolean mayRunInline() {
        return handler.declared().nonBlocking() && !handler.executor().isDemoted();
    }

    /** Requests may come from now on. */
    void start() {
        session().start();
    }

    /** Of 100 requests of its service it gets that many, as long as there are workers without a share. */
    void share(int percent) {
        session().share(percent);
    }

    /** Has its calls counted there. */
    void watch(CallWatch counts) {
        watch = counts;
    }

    void unwatch(CallWatch counts) {
        if (watch == counts) {
            watch = null;
        }
    }

    /** No more requests; the action runs when those it has are done. */
    void drain(Runnable whenIdle) {
        session().drain(() -> {
            session().lost("its plugin was removed");
            whenIdle.run();
        });
    }

    /** What it still has fails or goes to others. */
    void abandon(String reason) {
        session().forEachInHand(this::cancelCall);
        session().lost(reason);
    }

    @Override
    public boolean isInProcess() {
        return true;
    }

    @Override
    public String description() {
        return "plugin " + plugin;
    }

    @Override
    public void assign(Assignment assignment) {
        Answer answer = new Answer(assignment.token(), asksForOrigin(assignment.envelope()));
        CallWatch counts = watch;
        if (counts != null) {
            counts.began(assignment.token(), surroundings.clock().nowNs(), assignment.deadlineNs());
        }
        try {
            HandlerCall call = begin(assignment, answer);
            if (!answer.delivered) {
                begun(assignment, answer, call);
            }
        } catch (RuntimeException e) {
            LOG.error(
                    "a request to {} could not be given to {}",
                    handler.declared().service(),
                    plugin,
                    e);
            String cause = "the request cannot be given to a handler: " + e.getMessage();
            answer.fail(Failure.of(ErrorCode.INTERNAL_ERROR, cause, "the broker's log says more"));
        }
    }

    private void begun(Assignment assignment, Answer answer, HandlerCall call) {
        answer.call = call;
        boolean stillHere = assignment.token() == answer.token;
        if (stillHere) {
            assignment.mark(answer);
        }
        // To give it may have ended another request, whose client then gave this one up.
        if (!stillHere || assignment.envelope().ended()) {
            cancel(answer, call);
        }
    }

    private static boolean asksForOrigin(Envelope envelope) {
        return !envelope.headers().isEmpty()
                && envelope.headers().value(Headers.SERVED_BY).isPresent();
    }

    private HandlerCall begin(Assignment assignment, Answer answer) {
        Envelope envelope = assignment.envelope();
        long deadlineNs = assignment.deadlineNs();
        if (mayRunInline()) {
            return handler.executor().executeInline(asked(envelope), deadlineNs, answer, surroundings.watch());
        }
        long nowNs = starts.turnNs();
        if (lookahead.given(assignment.token(), nowNs)) {
            settleCredit();
        }
        HandlerCall call = handler.executor().prepare(asked(envelope), nowNs, deadlineNs, answer);
        starts.soon(call, quick);
        return call;
    }

    @Override
    public void cancel(Assignment assignment) {
        CallWatch counts = watch;
        if (counts != null) {
            counts.cancelled(assignment.token(), surroundings.clock().nowNs());
        }
        cancelCall(assignment);
    }

    /** In a turn of its own, for a call that still waits ends by it. */
    private void cancelCall(Assignment assignment) {
        if (assignment.mark() instanceof Answer answer) {
            HandlerCall call = answer.call;
            if (call != null) {
                cancel(answer, call);
            }
        }
    }

    private void cancel(Answer answer, HandlerCall call) {
        answer.closeRoom();
        surroundings.mailbox().post(() -> call.cancel(cancels));
    }

    /** In a turn of its own: the dispatcher is told of the end of a request while it looks at the next. */
    @Override
    public void expel(Assignment assignment, String reason) {
        if (assignment.mark() instanceof Answer answer) {
            surroundings.mailbox().post(() -> writeOff(answer, reason));
        }
    }

    private void writeOff(Answer answer, String reason) {
        String service = handler.declared().service();
        HandlerCall call = answer.call;
        if (call == null) {
            return;
        }
        if (call.writeOff()) {
            LOG.warn("{} of {} does not let go of a request: {}; its thread is replaced", service, plugin, reason);
        } else {
            LOG.error(
                    "{} of {} does not let go of a request: {}; {} threads are lost already, this one is not replaced:"
                            + " replace the plugin",
                    service,
                    plugin,
                    reason,
                    handler.executor().lost());
        }
    }

    private WorkerSession session() {
        WorkerSession registered = session;
        if (registered == null) {
            throw new IllegalStateException("plugin " + plugin + " does not serve yet");
        }
        return registered;
    }

    /** The handler may hold what it is given for as long as it likes: it gets bytes of its own, or those that the envelope keeps. */
    private static Request asked(Envelope envelope) {
        boolean bare = envelope.headers().isEmpty() && !envelope.traits().object();
        if (bare && envelope.body().count() == 1) {
            return Request.of(envelope.service(), envelope.body().copyOf(0));
        }
        envelope.keepBody();
        return Request.of(envelope.service(), envelope.body().parts(), headers(envelope));
    }

    private static Map<String, String> headers(Envelope envelope) {
        if (envelope.headers().isEmpty() && !envelope.traits().object()) {
            return Map.of();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        envelope.headers().forEach(headers::put);
        if (envelope.traits().object()
                && (headers.size() < Limits.HEADERS_MAX || headers.containsKey(Headers.CONTENT_TYPE))) {
            headers.put(Headers.CONTENT_TYPE, Headers.CONTENT_TYPE_KRYO);
        }
        return headers;
    }

    /** Brings a handler's answer to the loop. Any thread. */
    private final class Answer extends Answers.News implements CallListener {
        private final long token;
        private final boolean signed;

        /** Written by whoever ends the call, for the loop. */
        private @Nullable Reply reply;

        /** The same, where there is no reply. */
        private @Nullable Failure failure;

        /** Owned by the loop: the call has ended. */
        private boolean delivered;

        /** Owned by the loop: until it has ended. */
        private @Nullable HandlerCall call;

        private static final AtomicReferenceFieldUpdater<Answer, PartialRoom> ROOM =
                AtomicReferenceFieldUpdater.newUpdater(Answer.class, PartialRoom.class, "room");

        /** Made for the first partial reply. */
        private volatile @Nullable PartialRoom room;

        Answer(long token, boolean signed) {
            this.token = token;
            this.signed = signed;
        }

        @Override
        public void awaitRoom(io.jackfield.api.Reply answer) {
            if (!surroundings.mailbox().onLoop()) {
                room().take(HandlerReply.bytes(answer));
            }
        }

        private PartialRoom room() {
            PartialRoom made = room;
            while (made == null) {
                ROOM.compareAndSet(this, null, new PartialRoom());
                made = room;
            }
            return made;
        }

        /** Nobody waits for the answer any more: the handler's threads shall not either. */
        void closeRoom() {
            PartialRoom made = ROOM.getAndSet(this, PartialRoom.CLOSED);
            if (made != null) {
                made.close();
            }
        }

        /** A reply that is not allowed is the handler's to see. */
        @Override
        public void partial(io.jackfield.api.Reply answer) {
            boolean onLoop = surroundings.mailbox().onLoop();
            int bytes = HandlerReply.bytes(answer);
            Reply reply;
            try {
                reply = reply(answer);
            } catch (RefusedException e) {
                if (!onLoop) {
                    room().give(bytes);
                }
                throw new IllegalArgumentException(e.failure().cause(), e);
            }
            if (onLoop) {
                session().partial(token, reply);
            } else {
                PartialRoom taken = room();
                toldLoop(answers.add(Answers.News.of(() -> {
                    taken.give(bytes);
                    session().partial(token, reply);
                })));
            }
        }

        @Override
        public void complete(io.jackfield.api.Reply answer) {
            Reply reply;
            try {
                reply = reply(answer);
            } catch (RefusedException e) {
                LOG.warn("{}: {}", plugin, e.failure().cause());
                fail(e.failure());
                return;
            } catch (RuntimeException | Error e) {
                // Whatever it was, for example no memory for a copy: the request must end, and its credit come back.
                LOG.error("a reply of {} cannot be passed on", plugin, e);
                fail(Failure.of(ErrorCode.INTERNAL_ERROR, "the reply cannot be passed on: " + e, ""));
                return;
            }
            this.reply = reply;
            // The answer to the last that waits brings all to the loop.
            end(quick && handler.executor().queueLength() > 0);
        }

        @Override
        public void fail(Failure told) {
            failure = bounded(told);
            end(false);
        }

        private void end(boolean unhurried) {
            if (surroundings.mailbox().onLoop()) {
                tell();
            } else {
                toldLoop(unhurried ? answers.addUnhurried(this) : answers.add(this));
            }
        }

        @Override
        void tell() {
            Reply ends = reply;
            Failure why = failure;
            reply = null;
            if (ends != null) {
                ended(false);
                LOG.debug(
                        "{} answers a request to {}", plugin, handler.declared().service());
                session().reply(token, ends);
            } else if (why != null) {
                ended(why.code().category() != ErrorCode.Category.REQUEST);
                LOG.debug(
                        "{} fails a request to {}: {}",
                        plugin,
                        handler.declared().service(),
                        why.code());
                session().fail(token, why);
            }
        }

        private Reply reply(io.jackfield.api.Reply answer) throws RefusedException {
            return HandlerReply.of(
                    signed ? handler.signed(answer) : answer,
                    handler.declared().service(),
                    surroundings.bodyBytesMax());
        }

        /** What a handler gives as cause and hint may be of any length, and becomes the body of a message. */
        private static Failure bounded(Failure failure) {
            int lengthMax = Math.max(failure.cause().length(), failure.hint().length());
            return lengthMax <= Limits.HEADER_VALUE_BYTES_MAX
                    ? failure
                    : Failure.of(failure.code(), Headers.fit(failure.cause()), Headers.fit(failure.hint()));
        }

        private void ended(boolean isFault) {
            delivered = true;
            CallWatch counts = watch;
            if (counts != null) {
                counts.ended(token, isFault, surroundings.clock().nowNs());
            }
            if (call != null) {
                call = null;
                closeRoom();
            }
            if (lookahead.watches(token)) {
                lookahead.answered(surroundings.clock().nowNs());
                settleCredit();
            }
        }

        private void toldLoop(boolean running) {
            if (!running) {
                LOG.debug("the broker has ended before an answer of {}", plugin);
                closeRoom();
            }
        }
    }
}
