package io.jackfield.command;

import java.io.IOException;

/** Drops a jar into the running broker, takes it out, and has a worker process serve the very same jar. One thread. */
final class DemoHotPlugin {

    private static final String JAR = "echo.jar";
    private static final String SERVICE = "echo";
    private static final String GREETING = "Hello";
    private static final long SERVING_TIMEOUT_MS = 2000;
    private static final long WORKER_START_TIMEOUT_MS = 15_000;
    private static final int CLIENTS = 2;
    /** Replies that the clients must have had before and after the jar came: it came in the middle of requests. */
    private static final int REPLIES_AROUND = 100;

    private final Demo demo;
    private final DemoBroker broker;
    private final DemoWorkers workers;
    private final Observer observer;

    DemoHotPlugin(Demo demo, DemoBroker broker, DemoWorkers workers, Observer observer) {
        this.demo = demo;
        this.broker = broker;
        this.workers = workers;
        this.observer = observer;
    }

    void run() throws InterruptedException {
        demo.step(
                "jar dropped in while " + CLIENTS + " clients ask", JAR + "; " + SERVICE + " " + GREETING, this::drop);
        demo.step("jar taken out", JAR + " deleted", this::remove);
        demo.step("Java worker, the same jar over Kryo", SERVICE + " " + GREETING, this::host);
    }

    private String drop() throws IOException, InterruptedException {
        try (Traffic traffic = new Traffic(broker.endpoint(), CLIENTS, "is-prime", "97")) {
            awaitReplies(traffic, traffic.replies() + REPLIES_AROUND);
            broker.drop(JAR);
            long servingMs = Demo.awaitMs("a handler for " + SERVICE, SERVING_TIMEOUT_MS, this::served);
            Demo.expect("reply", GREETING, observer.ask(SERVICE, GREETING));
            awaitReplies(traffic, traffic.replies() + REPLIES_AROUND);
            return GREETING + " after " + servingMs + " ms; " + traffic.stop() + " others, 0 failed";
        }
    }

    private String remove() throws IOException {
        broker.remove(JAR);
        return "gone after " + Demo.awaitMs("the end of " + SERVICE, SERVING_TIMEOUT_MS, () -> !served()) + " ms";
    }

    private String host() throws IOException, InterruptedException {
        Child worker = workers.java(JAR);
        Demo.awaitMs("a worker for " + SERVICE, WORKER_START_TIMEOUT_MS, () -> {
            Demo.require(worker.alive(), worker.ended());
            return served();
        });
        String reply = Demo.expect("reply", GREETING, observer.ask(SERVICE, GREETING));
        Demo.expect("exit code of the worker", "0", Integer.toString(worker.terminate(WORKER_START_TIMEOUT_MS)));
        return reply;
    }

    private boolean served() {
        return observer.workers(SERVICE) > 0;
    }

    private static void awaitReplies(Traffic traffic, long count) {
        Demo.awaitMs(count + " replies", WORKER_START_TIMEOUT_MS, () -> traffic.replies() >= count || traffic.ended());
    }
}
