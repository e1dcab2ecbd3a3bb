package io.jackfield.kit;

import io.jackfield.host.HostedHandler;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ServiceDeclaration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Serves services of a broker, or of several at the same time, from this process. Handlers run on threads of their own; each connection,
 * which comes back by itself, has one thread, so a busy handler never silences the worker. Safe for any thread.
 */
public final class Worker implements AutoCloseable {
    private final WorkerOptions options;
    private final List<WorkerSession> sessions;
    private final Set<WorkerSession> refused = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> welcomed = new CompletableFuture<>();
    private volatile boolean draining;

    private Worker(WorkerOptions options) {
        this.options = options;
        List<ServiceDeclaration> services =
                options.handlers.values().stream().map(Worker::declaration).toList();
        Jf1Message ready =
                Jf1Message.ready(options.heartbeatMs(), options.effectiveCredit(), options.headers(), services);
        List<WorkerSession> made = new ArrayList<>();
        for (String endpoint : options.endpoints) {
            String number = made.isEmpty() ? "" : "-" + (made.size() + 1);
            made.add(new WorkerSession(this, options, endpoint, "jackfield-worker" + number, ready));
        }
        this.sessions = List.copyOf(made);
    }

    /**
     * Begins to say what a worker of the brokers at these endpoints serves: at all of them at the same time, at most 16.
     *
     * @param endpoints for example {@code tcp://127.0.0.1:5555}
     */
    public static WorkerOptions connect(String... endpoints) {
        return new WorkerOptions(Endpoints.of(endpoints));
    }

    static Worker started(WorkerOptions options) {
        Worker worker = new Worker(options);
        worker.sessions.forEach(WorkerSession::start);
        return worker;
    }

    /**
     * Waits until a broker has taken the worker in for the first time.
     *
     * @throws RequestFailedException every broker refuses the worker; says why
     * @throws TimeoutException no broker has answered in that time
     */
    public void awaitReady(Duration timeout) throws InterruptedException, TimeoutException {
        try {
            welcomed.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw RequestFailedException.again(e);
        }
    }

    /**
     * Takes no more requests, finishes those it has, waits until the brokers have read the answers, says goodbye and ends.
     *
     * @return false if requests were still running after that time, which were cancelled, or a broker had not read all answers. Those that
     *     are lost with their connection are not counted: its broker fails their requests, or gives them to others
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        draining = true;
        long endNs = System.nanoTime() + timeout.toNanos();
        sessions.forEach(WorkerSession::drain);
        boolean finished = true;
        for (WorkerSession session : sessions) {
            finished &= session.drained().await(endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        close();
        return finished;
    }

    /** Ends now; the broker treats what the worker still had as lost. */
    @Override
    public void close() {
        sessions.forEach(WorkerSession::close);
        options.handlers.values().forEach(handler -> handler.executor().close());
        options.atEnd.forEach(Runnable::run);
    }

    /** Requests that run or wait for a thread now. */
    public int inFlight() {
        return status().inFlight();
    }

    /** What it does now. */
    public WorkerStatus status() {
        long nowNs = System.nanoTime();
        List<Long> begunNs =
                sessions.stream().flatMap(session -> session.begunNs().stream()).toList();
        long oldestNs = begunNs.stream().mapToLong(begun -> nowNs - begun).max().orElse(0);
        int serving = (int) sessions.stream().filter(WorkerSession::serving).count();
        return new WorkerStatus(serving, begunNs.size(), Duration.ofNanos(Math.max(0, oldestNs)), draining);
    }

    void welcomed() {
        welcomed.complete(null);
    }

    void refused(WorkerSession session, Failure failure) {
        refused.add(session);
        if (refused.size() == sessions.size()) {
            welcomed.completeExceptionally(new RequestFailedException(failure));
        }
    }

    private static ServiceDeclaration declaration(HostedHandler handler) {
        return new ServiceDeclaration(
                handler.declared().service(),
                handler.declared().version(),
                handler.declared().idempotent(),
                handler.declared().timeoutMs());
    }
}
