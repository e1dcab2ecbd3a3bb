package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Replaces a plugin's jar while clients ask it, and looks at what they saw. One thread. */
final class DemoReplacements {

    /** Slow is more than a second here, so that a busy machine does not make a good version look bad. */
    private static final String CONFIG =
            """
            plugins:
              unload-proof-time: 200ms
              settings:
                greeter:
                  ramp: 10%, 50%, 100%
                  ramp-step-requests: 50
                  ramp-latency-max: 1s
                  ramp-requests-min: 20
            """;

    private static final String ID = "greeter";
    private static final String FILE = ID + ".jar";
    private static final String SERVICE = "greet";
    private static final String NAME = "Ada";
    private static final int CLIENTS = 20;
    private static final int REPLIES_AROUND = 200;
    private static final long TIMEOUT_MS = 30_000;

    private final Demo demo;
    private final Children children;
    private final Path folder;
    private final DemoJars jars;

    DemoReplacements(Demo demo, Children children, Path folder) {
        this.demo = demo;
        this.children = children;
        this.folder = folder;
        this.jars = new DemoJars(folder);
    }

    void run() throws InterruptedException {
        List<DemoBroker> started = new ArrayList<>();
        demo.step("broker starts with a plugin", ID + " 1.0.0, compiled now", () -> {
            Path jar = jars.build("1.0.0");
            DemoBroker broker = DemoBroker.start(children, folder, CONFIG, jar, FILE);
            started.add(broker);
            awaitFirst(broker);
            return broker.endpoint();
        });
        for (DemoBroker broker : started) {
            show(broker);
            demo.step("broker drains and ends", "SIGTERM", () -> {
                Demo.expect("exit code", "0", Integer.toString(broker.terminate(TIMEOUT_MS)));
                return "exit code 0";
            });
        }
    }

    /** A jar that was written a moment before the start may still be written, for all the broker knows: it takes it a moment later. */
    private static void awaitFirst(DemoBroker broker) {
        try (Observer observer = new Observer(broker.endpoint())) {
            Demo.awaitMs("1.0.0 serving", TIMEOUT_MS, () -> event(observer, "1.0.0", "serving")
                    .isPresent());
        }
    }

    private void show(DemoBroker broker) throws InterruptedException {
        try (Observer observer = new Observer(broker.endpoint());
                Traffic traffic = Traffic.traced(broker.endpoint(), CLIENTS, SERVICE, NAME)) {
            demo.step("while " + CLIENTS + " clients ask without a pause", SERVICE + " " + NAME, () -> {
                awaitMore(traffic);
                return Demo.expect("reply", "Hello " + NAME, observer.ask(SERVICE, NAME));
            });
            demo.step("a good version replaces it, step by step", "greeter.jar is 1.1.0 now", () -> {
                broker.put(jars.build("1.1.0"), FILE);
                long tookMs = awaitEvent(observer, traffic, "1.1.0", "serving");
                awaitMore(traffic);
                Demo.expect("reply", "Hello " + NAME + ", nice to see you", observer.ask(SERVICE, NAME));
                return "1.1.0 has all requests after " + tookMs + " ms";
            });
            demo.step("nothing of the former one is left", "its class loader", () -> {
                awaitEvent(observer, traffic, "1.0.0", "collected");
                return "1.0.0 is collected " + reason(observer, "1.0.0", "collected");
            });
            demo.step("a version that is slow is rolled back by itself", "greeter.jar is 1.2.0 now", () -> {
                broker.put(jars.build("1.2.0"), FILE);
                awaitEvent(observer, traffic, "1.2.0", "refused");
                awaitMore(traffic);
                Demo.expect("reply", "Hello " + NAME + ", nice to see you", observer.ask(SERVICE, NAME));
                return reason(observer, "1.2.0", "refused").replaceAll(".* is rolled back: | \\(.*", "");
            });
            demo.step("a version that fails its self-test never serves", "greeter.jar is 1.3.0 now", () -> {
                broker.put(jars.build("1.3.0"), FILE);
                awaitEvent(observer, traffic, "1.3.0", "refused");
                return reason(observer, "1.3.0", "refused").replaceAll("^[^:]*: | \\(.*", "");
            });
            demo.step("nothing of the slow one is left", "its class loader", () -> {
                awaitEvent(observer, traffic, "1.2.0", "collected");
                return "1.2.0 is collected " + reason(observer, "1.2.0", "collected");
            });
            demo.step("what the clients saw", "all their requests", () -> seen(traffic));
        }
    }

    /** Throws the first failure that a client had. */
    private static String seen(Traffic traffic) throws InterruptedException {
        long replies = traffic.stop();
        Map<String, Long> byOrigin = traffic.byOrigin();
        Demo.expect(
                "versions that answered",
                "[1.0.0, 1.1.0, 1.2.0]",
                versions(byOrigin).toString());
        List<String> parts = new ArrayList<>();
        byOrigin.forEach(
                (origin, count) -> parts.add(count + " by " + version(origin) + " (" + generation(origin) + ")"));
        return replies + " requests, 0 failed: " + String.join(", ", parts);
    }

    private static List<String> versions(Map<String, Long> byOrigin) {
        return byOrigin.keySet().stream().map(DemoReplacements::version).toList();
    }

    /** {@code greeter/1.0.0; generation=1; sha256=...} */
    private static String version(String origin) {
        return origin.replaceAll("^[^/]*/|;.*", "");
    }

    private static String generation(String origin) {
        return origin.replaceAll("^[^;]*; |;[^;]*$", "").replace('=', ' ');
    }

    private static void awaitMore(Traffic traffic) {
        long enough = traffic.replies() + REPLIES_AROUND;
        Demo.awaitMs(enough + " replies", TIMEOUT_MS, () -> traffic.replies() >= enough || traffic.ended());
    }

    private static long awaitEvent(Observer observer, Traffic traffic, String version, String outcome) {
        return Demo.awaitMs(
                version + " " + outcome,
                TIMEOUT_MS,
                () -> event(observer, version, outcome).isPresent() || traffic.ended());
    }

    private static String reason(Observer observer, String version, String outcome) {
        return event(observer, version, outcome)
                .orElseThrow(() -> Demo.broken("the history does not say " + version + " " + outcome))
                .path("reason")
                .asText();
    }

    private static Optional<JsonNode> event(Observer observer, String version, String outcome) {
        for (JsonNode change : observer.history(ID)) {
            if (change.path("version").asText().equals(version)
                    && change.path("outcome").asText().equals(outcome)) {
                return Optional.of(change);
            }
        }
        return Optional.empty();
    }
}
