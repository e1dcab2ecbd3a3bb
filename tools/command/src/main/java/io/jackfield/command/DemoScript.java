package io.jackfield.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the demo shows, in order. One thread. */
final class DemoScript {

    private static final String PRIME = "32416190071";
    private static final String NOT_PRIME = "10403";
    private static final String SMALLEST_DIVISOR = "101";

    private static final long JAR_TIMEOUT_MS = 5_000;
    private static final long WORKER_START_TIMEOUT_MS = 15_000;
    private static final long DRAIN_TIMEOUT_MS = 15_000;

    private final Demo demo;
    private final Children children;
    private final Path folder;

    DemoScript(Demo demo, Children children, Path folder) {
        this.demo = demo;
        this.children = children;
        this.folder = folder;
    }

    void run() throws InterruptedException {
        List<DemoBroker> started = new ArrayList<>();
        demo.step("broker starts", "jackfield serve, on free ports", () -> {
            DemoBroker broker = DemoBroker.start(children, Demo.home(), folder);
            try (Observer observer = new Observer(broker.endpoint())) {
                Demo.awaitMs("a handler for is-prime", JAR_TIMEOUT_MS, () -> observer.workers("is-prime") > 0);
            }
            started.add(broker);
            return broker.endpoint() + " " + broker.httpBase();
        });
        for (DemoBroker broker : started) {
            show(broker);
        }
    }

    private void show(DemoBroker broker) throws InterruptedException {
        DemoWorkers workers = new DemoWorkers(children, Demo.home(), broker.endpoint());
        try (Observer observer = new Observer(broker.endpoint())) {
            jar(broker, observer);
            otherLanguages(workers, observer);
            new DemoHotPlugin(demo, broker, workers, observer).run();
            new DemoLoss(demo, broker.endpoint(), workers, observer).run();
        }
        demo.step("broker drains and ends", "SIGTERM", () -> {
            Demo.expect("exit code", "0", Integer.toString(broker.terminate(DRAIN_TIMEOUT_MS)));
            return "exit code 0";
        });
    }

    private void jar(DemoBroker broker, Observer observer) throws InterruptedException {
        DemoHttp http = new DemoHttp(broker.httpBase());
        demo.step("jar, over ZeroMQ", "is-prime " + PRIME, () -> prime(observer.ask("is-prime", PRIME)));
        demo.step(
                "jar, not a prime",
                "is-prime " + NOT_PRIME,
                () -> Demo.expect("reply", SMALLEST_DIVISOR, observer.ask("is-prime", NOT_PRIME)));
        String path = "/is_prime?possible_prime=" + PRIME;
        demo.step("jar, over HTTP by a route", "GET " + path, () -> prime(http.get(path)));
        demo.step(
                "jar, over HTTP by name",
                "POST /services/is-prime " + PRIME,
                () -> prime(http.post("/services/is-prime", PRIME)));
    }

    private void otherLanguages(DemoWorkers workers, Observer observer) throws InterruptedException {
        demo.step("C worker", "is-prime-c " + PRIME, () -> {
            Child worker = workers.c("is-prime-c");
            return answeredBy(worker, "is-prime-c", observer);
        });
        demo.step("Python worker", "is-prime-python " + PRIME, () -> {
            Child worker = workers.python("is-prime-python");
            return answeredBy(worker, "is-prime-python", observer);
        });
    }

    private static String answeredBy(Child worker, String service, Observer observer) {
        Demo.awaitMs("a worker for " + service, WORKER_START_TIMEOUT_MS, () -> {
            Demo.require(worker.alive(), worker.ended());
            return observer.workers(service) == 1;
        });
        String reply = prime(observer.ask(service, PRIME));
        worker.kill();
        return reply;
    }

    private static String prime(String reply) {
        return Demo.expect("reply", PRIME, reply.strip());
    }
}
