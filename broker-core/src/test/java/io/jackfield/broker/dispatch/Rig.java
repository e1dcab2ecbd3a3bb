package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A dispatcher with a hand clock, workers and clients. */
final class Rig {
    static final long NS_PER_MS = 1_000_000;
    static final int OVERDUE_MS = 1000;
    static final DispatchLimits LIMITS = new DispatchLimits(100_000, 256L << 20, 100, 1024, OVERDUE_MS);

    /** More than a wheel is late by. */
    static final long SLACK_MS = 10;

    final Dispatcher dispatcher;
    final List<String> bugs = new ArrayList<>();
    private long nowNs = -5_000_000_000L;

    Rig() {
        this(LIMITS, Map.of());
    }

    Rig(DispatchLimits limits) {
        this(limits, Map.of());
    }

    Rig(DispatchLimits limits, Map<String, ServiceSettings> configured) {
        dispatcher = new Dispatcher(limits, configured, nowNs, (line, cause) -> bugs.add(line + ": " + cause));
    }

    /** One service with these settings. */
    static Rig with(String service, ServiceSettings settings) {
        return new Rig(LIMITS, Map.of(service, settings));
    }

    static ServiceSettings idempotent(int attemptsMax) {
        return new ServiceSettings(Optional.empty(), Optional.of(true), attemptsMax, 10_000, 64L << 20);
    }

    static ServiceSettings queue(int lengthMax, long bytesMax) {
        return new ServiceSettings(Optional.empty(), Optional.empty(), 3, lengthMax, bytesMax);
    }

    void passes(long ms) {
        nowNs += ms * NS_PER_MS;
        dispatcher.tick(nowNs);
    }

    /** A worker that serves these and has been started. */
    FakeWorker worker(String name, int credit, String... services) {
        FakeWorker worker = registered(name, credit, services);
        worker.session().start();
        return worker;
    }

    /** The same in the broker's own process. */
    FakeWorker inProcessWorker(String name, int credit, String... services) {
        FakeWorker worker = registered(new FakeWorker(name, true), credit, services);
        worker.session().start();
        return worker;
    }

    /** A worker that answers inside assign, in this process or not. */
    FakeWorker quick(String name, boolean inProcess, String... services) {
        FakeWorker worker = inProcess ? inProcessWorker(name, 1, services) : worker(name, 1, services);
        worker.atOnce = worker::replies;
        return worker;
    }

    /** The same, not yet started. */
    FakeWorker registered(String name, int credit, String... services) {
        return registered(new FakeWorker(name), credit, services);
    }

    private FakeWorker registered(FakeWorker worker, int credit, String... services) {
        try {
            worker.joined(dispatcher.register(worker, declarations(services), credit));
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
        return worker;
    }

    static List<ServiceDeclaration> declarations(String... services) {
        return Arrays.stream(services).map(ServiceDeclaration::of).toList();
    }

    /** A worker that answers inside assign. */
    FakeWorker quickWorker(String name, int credit, String... services) {
        FakeWorker worker = registered(name, credit, services);
        worker.atOnce = worker::replies;
        worker.session().start();
        return worker;
    }

    Asked asks(String service, String body) {
        return asks(service, body, Traits.PLAIN);
    }

    Asked asks(String service, String body, Headers headers) {
        Asked asked = new Asked(service, headers, body, Traits.PLAIN, () -> {});
        dispatcher.accept(asked.envelope);
        asked.spoilBody();
        return asked;
    }

    Asked asks(String service, String body, Traits traits) {
        return asks(service, body, traits, () -> {});
    }

    Asked asks(String service, String body, Traits traits, Runnable whenEnded) {
        Asked asked = new Asked(service, body, traits, whenEnded);
        dispatcher.accept(asked.envelope);
        asked.spoilBody();
        return asked;
    }

    static Traits timeoutMs(long ms) {
        return new Traits(ms * NS_PER_MS, false, false, true);
    }

    void cancels(Asked asked) {
        asked.envelope.cancel(Failure.of(ErrorCode.CANCELLED, "the client cancelled", ""));
    }

    /** Nothing waits, nothing is held, and the books say so too. */
    void isQuiet() {
        Inspection inspection = new Inspection(dispatcher);
        inspection.check();
        assertEquals(List.of(), bugs);
        inspection.checkQuiet();
    }

    DispatchSnapshot.ServiceView service(String name) {
        return dispatcher.snapshot().services().stream()
                .filter(view -> view.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
