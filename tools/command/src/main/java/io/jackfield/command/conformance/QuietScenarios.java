package io.jackfield.command.conformance;

import static io.jackfield.command.conformance.Pair.service;

import io.jackfield.command.conformance.ClientAgent.Asked;
import io.jackfield.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Scenarios that leave everybody as they were. */
final class QuietScenarios {
    private static final int[] SIZES = {0, 1, 255, 256, 65_535, 65_536, 1 << 20, 16 << 20};
    private static final int MANY = 1_000;
    private static final int PARTS = 100;
    private static final long LONG_MS = 20_000;
    private static final long TOLD_S = 20;

    private QuietScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("bodies of 0 B to 16 MiB", QuietScenarios::bodies),
                new Scenario("body in parts", QuietScenarios::parts),
                new Scenario("headers", QuietScenarios::headers),
                new Scenario("1000 requests at once", QuietScenarios::many),
                new Scenario("partial replies in order", QuietScenarios::partials),
                new Scenario("early exit", QuietScenarios::earlyExit),
                new Scenario("every error code", QuietScenarios::errorCodes),
                new Scenario("refused for now: asked again", QuietScenarios::refusedForNow),
                new Scenario("handler that throws", QuietScenarios::throwing),
                new Scenario("unknown service", QuietScenarios::unknown),
                new Scenario("deadline reaches the worker", QuietScenarios::deadlineKnown),
                new Scenario("deadline passes", QuietScenarios::deadlinePasses),
                new Scenario("cancel", QuietScenarios::cancel),
                new Scenario("client goes away", QuietScenarios::clientGone),
                new Scenario("replies out of order", QuietScenarios::outOfOrder),
                new Scenario("busy worker is not given up", QuietScenarios::busy));
    }

    private static void bodies(Pair pair) throws Exception {
        for (int size : SIZES) {
            pair.client().ask(service("echo"), "z:" + size).expect("done - " + Body.pattern(size));
        }
    }

    private static void parts(Pair pair) throws Exception {
        String body = "t:a|t:|z:300|t:d";
        pair.client().ask(service("echo"), body).expect("done - " + Body.told(Body.parts(body)));
    }

    private static void headers(Pair pair) throws Exception {
        Asked asked = pair.client().ask(service("echo"), "t:h", LONG_MS, "-", "x-a=1", "x-long=" + "v".repeat(4_000));
        asked.expect("done - t:h x-a=1 x-long=" + "v".repeat(4_000));
    }

    private static void many(Pair pair) throws Exception {
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            all.add(pair.client().ask(service(i % 2 == 0 ? "echo" : "echo-again"), "t:" + i));
        }
        for (int i = 0; i < MANY; i++) {
            all.get(i).expect("done - t:" + i);
        }
        Broken.unlessEqual("ends of requests that had ended", 0, pair.client().strays());
    }

    private static void partials(Pair pair) throws Exception {
        Asked asked = pair.client().ask(service("parts"), "t:" + PARTS);
        asked.expect("done - t:end");
        List<String> expected =
                IntStream.rangeClosed(1, PARTS).mapToObj(i -> "t:" + i).toList();
        Broken.unlessEqual("the partial replies", expected, asked.partials());
    }

    private static void earlyExit(Pair pair) throws Exception {
        pair.client().ask(service("exit"), "t:x").expect("done e t:early");
    }

    private static void errorCodes(Pair pair) throws Exception {
        for (ErrorCode code : ErrorCode.values()) {
            pair.client().ask(service("fail"), "t:" + code.number()).expect(code);
        }
    }

    /** What may be carried out twice is; what may not is told. Each second request is taken. */
    private static void refusedForNow(Pair pair) throws Exception {
        pair.client().ask(service("refuse-once"), "t:x", LONG_MS, "i").expect("done - t:taken");
        pair.client().ask(service("refuse-once"), "t:x", LONG_MS, "-").expect(ErrorCode.OVERLOADED);
        pair.client().ask(service("refuse-once"), "t:x", LONG_MS, "-").expect("done - t:taken");
    }

    private static void throwing(Pair pair) throws Exception {
        pair.client().ask(service("throw"), "t:x").expect(ErrorCode.HANDLER_FAILED);
    }

    private static void unknown(Pair pair) throws Exception {
        pair.client().ask(service("nobody"), "t:x").expect(ErrorCode.NO_SUCH_SERVICE);
    }

    private static void deadlineKnown(Pair pair) throws Exception {
        String end = pair.client().ask(service("deadline"), "t:x", LONG_MS, "-").end();
        long leftMs = end.startsWith("done - t:") ? Long.parseLong(end.substring("done - t:".length())) : -1;
        if (leftMs <= 0 || leftMs > LONG_MS) {
            throw new Broken("the time left: " + end + " (expected: done, and 1 to " + LONG_MS + " ms)");
        }
    }

    private static void deadlinePasses(Pair pair) throws Exception {
        int before = seen(pair);
        pair.client().ask(service("sleep"), "t:" + LONG_MS, 200, "-").expect(ErrorCode.DEADLINE_EXCEEDED);
        awaitSeen(pair, before + 1);
    }

    private static void cancel(Pair pair) throws Exception {
        int before = seen(pair);
        Asked asked = pair.client().ask(service("sleep"), "t:" + LONG_MS);
        pair.client().ask(service("echo"), "t:x").expect("done - t:x"); // what was asked before is at the worker now
        pair.client().cancel(asked);
        asked.expect(ErrorCode.CANCELLED);
        awaitSeen(pair, before + 1);
    }

    private static void clientGone(Pair pair) throws Exception {
        int before = seen(pair);
        ClientAgent other = pair.anotherClient();
        other.ask(service("sleep"), "t:" + LONG_MS);
        other.ask(service("echo"), "t:x").expect("done - t:x");
        other.kill();
        awaitSeen(pair, before + 1);
    }

    private static void outOfOrder(Pair pair) throws Exception {
        Asked slow = pair.client().ask(service("sleep"), "t:1000");
        pair.client().ask(service("echo"), "t:x").expect("done - t:x");
        Broken.unlessEqual("the slow request has ended before the fast one", false, slow.isOver());
        slow.expect("done - t:slept");
    }

    /** Silent for twice the time after which the broker gives up an idle worker. */
    private static void busy(Pair pair) throws Exception {
        pair.client().ask(service("busy"), "t:1500").expect("done - t:done");
        pair.client().ask(service("echo"), "t:x").expect("done - t:x");
    }

    private static int seen(Pair pair) throws Exception {
        String end = pair.client().ask(service("seen"), "t:x").end();
        return Integer.parseInt(end.substring("done - t:".length()));
    }

    private static void awaitSeen(Pair pair, int expected) throws Exception {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(TOLD_S);
        int seen = seen(pair);
        while (seen < expected && System.nanoTime() - endNs < 0) {
            seen = seen(pair);
        }
        Broken.unlessEqual("requests of which the worker was told that they are cancelled", expected, seen);
    }
}
