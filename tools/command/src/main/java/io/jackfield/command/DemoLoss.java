package io.jackfield.command;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Kills workers that are busy: the client is told, or answered by another worker. One thread. */
final class DemoLoss {

    /** The largest prime below 2^63: trial division takes seconds, time enough to be killed in the middle. */
    private static final String LARGE_PRIME = "9223372036854775783";
    /** Half a second and more of trial division: what the second worker has to do again. */
    private static final String MIDDLE_PRIME = "999999999999999989";

    private static final String ONCE = "is-prime-once";
    private static final String AGAIN = "is-prime-again";
    private static final long NOTICE_TIMEOUT_MS = 1000;
    private static final long WORKER_START_TIMEOUT_MS = 15_000;
    private static final long ANSWER_TIMEOUT_MS = 30_000;

    private final Demo demo;
    private final String endpoint;
    private final DemoWorkers workers;
    private final Observer observer;

    DemoLoss(Demo demo, String endpoint, DemoWorkers workers, Observer observer) {
        this.demo = demo;
        this.endpoint = endpoint;
        this.workers = workers;
        this.observer = observer;
    }

    void run() throws InterruptedException {
        demo.step("busy worker killed (SIGKILL)", ONCE + " " + LARGE_PRIME, this::told);
        demo.step("busy worker killed, service idempotent", AGAIN + " " + MIDDLE_PRIME, this::answeredByAnother);
    }

    private String told() throws IOException, InterruptedException {
        Child worker = started(ONCE, 1);
        CompletableFuture<String> answer = ask(ONCE, LARGE_PRIME);
        awaitBusy(ONCE, answer);
        worker.kill();
        long killedNs = System.nanoTime();
        Failure failure = failureOf(answer);
        long noticeMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killedNs);
        Demo.expect("failure", "WORKER_LOST", failure.code());
        return failure.code() + " after " + noticeMs + " ms";
    }

    private String answeredByAnother() throws IOException, InterruptedException {
        Child first = started(AGAIN, 1);
        CompletableFuture<String> answer = ask(AGAIN, MIDDLE_PRIME);
        awaitBusy(AGAIN, answer);
        Child second = started(AGAIN, 2); // idle: the request is at the first one
        Demo.require(!answer.isDone(), "the request ended before the kill");
        first.kill();
        String reply = Demo.expect("reply", MIDDLE_PRIME, replyOf(answer).strip());
        Demo.expect("retries", "1", Integer.toString(observer.retried(AGAIN)));
        second.kill();
        return reply + ", by the other worker";
    }

    private Child started(String service, int count) throws IOException {
        Child worker = workers.c(service);
        Demo.awaitMs("worker " + count + " of " + service, WORKER_START_TIMEOUT_MS, () -> {
            Demo.require(worker.alive(), worker.ended());
            return observer.workers(service) == count;
        });
        return worker;
    }

    private CompletableFuture<String> ask(String service, String body) {
        return CompletableFuture.supplyAsync(() -> {
            try (Observer client = new Observer(endpoint)) {
                return client.ask(service, body);
            }
        });
    }

    private void awaitBusy(String service, CompletableFuture<String> answer) {
        Demo.awaitMs("a request in flight", WORKER_START_TIMEOUT_MS, () -> {
            Demo.require(!answer.isDone(), "the request ended before the kill");
            return observer.inFlight(service) == 1;
        });
    }

    private static Failure failureOf(CompletableFuture<String> answer) throws InterruptedException {
        try {
            String reply = answer.get(NOTICE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            throw Demo.broken("a reply came from a worker that was killed: " + reply);
        } catch (ExecutionException e) {
            return failure(e);
        } catch (TimeoutException e) {
            throw Demo.broken("the client was not told within " + NOTICE_TIMEOUT_MS + " ms");
        }
    }

    private static String replyOf(CompletableFuture<String> answer) throws InterruptedException {
        try {
            return answer.get(ANSWER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (TimeoutException e) {
            throw Demo.broken("no reply within " + ANSWER_TIMEOUT_MS + " ms");
        }
    }

    private static Failure failure(ExecutionException e) {
        return e.getCause() instanceof Failure failure ? failure : Demo.broken(String.valueOf(e.getCause()));
    }
}
