package io.jackfield.broker.dispatch;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A worker that holds what it is given until the test says what it does with it. */
final class FakeWorker implements Worker {
    /** Token and body of what it has, in the order of its coming. */
    final Map<Long, String> has = new LinkedHashMap<>();

    /** Every body it was ever given. */
    final List<String> got = new ArrayList<>();

    /** The attempt that each of them was. */
    final List<Integer> attempts = new ArrayList<>();

    final List<Long> cancelled = new ArrayList<>();
    final List<String> expelled = new ArrayList<>();

    /** What it does inside {@link #assign}, with the token. */
    Consumer<Long> atOnce = token -> {};

    /** What it does inside {@link #cancel}, with the token. */
    Consumer<Long> whenCancelled = token -> {};

    private final String name;
    private final boolean inProcess;
    private @Nullable WorkerSession session;

    FakeWorker(String name) {
        this(name, false);
    }

    FakeWorker(String name, boolean inProcess) {
        this.name = name;
        this.inProcess = inProcess;
    }

    @Override
    public boolean isInProcess() {
        return inProcess;
    }

    void joined(WorkerSession newSession) {
        session = newSession;
    }

    WorkerSession session() {
        WorkerSession current = session;
        if (current == null) {
            throw new AssertionError(name + " has not joined");
        }
        return current;
    }

    /** The token of the request with that body. */
    long token(String body) {
        return has.entrySet().stream()
                .filter(entry -> entry.getValue().equals(body))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " does not have " + body + " but " + has.values()));
    }

    /** Answers the request with that body: {@code re:body}. */
    boolean replies(String body) {
        return replies(token(body));
    }

    boolean replies(long token) {
        String body = has.remove(token);
        return session().reply(token, reply("re:" + body));
    }

    boolean partial(String body, String part) {
        return session().partial(token(body), reply(part));
    }

    boolean fails(String body) {
        long token = token(body);
        has.remove(token);
        return session().fail(token, Failure.of(ErrorCode.HANDLER_FAILED, "it broke", ""));
    }

    void leaves() {
        has.clear();
        session().lost("it was killed");
    }

    @Override
    public String description() {
        return name;
    }

    @Override
    public void assign(Assignment assignment) {
        String body = Asked.text(assignment.envelope().body());
        has.put(assignment.token(), body);
        got.add(body);
        attempts.add(assignment.attempt());
        atOnce.accept(assignment.token());
    }

    @Override
    public void cancel(Assignment assignment) {
        cancelled.add(assignment.token());
        whenCancelled.accept(assignment.token());
    }

    @Override
    public void expel(Assignment assignment, String reason) {
        expelled.add(reason);
    }

    static Reply reply(String text) {
        return Reply.of(Frames.of(text.getBytes(StandardCharsets.UTF_8)));
    }
}
