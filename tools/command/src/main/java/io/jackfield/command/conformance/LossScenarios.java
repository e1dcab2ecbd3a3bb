package io.jackfield.command.conformance;

import static io.jackfield.command.conformance.Pair.service;

import io.jackfield.command.Child;
import io.jackfield.command.conformance.ClientAgent.Asked;
import io.jackfield.protocol.ErrorCode;
import java.util.List;

/** Scenarios in which somebody is killed or stopped. */
final class LossScenarios {
    private static final long LONG_MS = 25_000;
    private static final long END_MS = 30_000;

    private LossScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("worker killed: the client is told", LossScenarios::workerKilled),
                new Scenario("worker killed: another one answers", LossScenarios::anotherAnswers),
                new Scenario("worker drains", LossScenarios::drain),
                new Scenario("broker killed, and back", LossScenarios::brokerBack),
                new Scenario("broker killed, another takes over", LossScenarios::failOver));
    }

    private static void workerKilled(Pair pair) throws Exception {
        pair.broker();
        Child worker = pair.worker(2);
        ClientAgent client = pair.client();
        Asked asked = inHand(client, "sleep", LONG_MS, "-");
        worker.kill();
        asked.expect(ErrorCode.WORKER_LOST);
    }

    private static void anotherAnswers(Pair pair) throws Exception {
        pair.broker();
        Child first = pair.worker(2);
        ClientAgent client = pair.client();
        Asked asked = inHand(client, "sleep-again", 1_000, "i");
        pair.anotherWorker(2);
        first.kill();
        asked.expect("done - t:slept");
    }

    private static void drain(Pair pair) throws Exception {
        pair.broker();
        Child worker = pair.worker(2);
        ClientAgent client = pair.client();
        Asked asked = inHand(client, "sleep", 1_500, "-");
        worker.requestEnd();
        asked.expect("done - t:slept");
        Broken.unlessEqual("the exit code of the worker", 0, worker.awaitExit(END_MS));
        client.ask(service("echo"), "t:late", 300, "-").expect(ErrorCode.DEADLINE_EXCEEDED);
    }

    private static void brokerBack(Pair pair) throws Exception {
        TestBroker broker = pair.broker();
        pair.worker(2);
        ClientAgent client = pair.client();
        Asked asked = inHand(client, "sleep", LONG_MS, "-");
        broker.kill();
        asked.expect(ErrorCode.CONNECTION_LOST);
        broker.startAgain();
        client.ask(service("echo"), "t:again", LONG_MS, "-").expect("done - t:again");
    }

    /** What may be carried out twice is asked again there; what may not is not. */
    private static void failOver(Pair pair) throws Exception {
        TestBroker first = pair.broker();
        pair.broker();
        pair.worker(4);
        ClientAgent client = pair.client();
        Asked once = inHand(client, "sleep", LONG_MS, "-");
        Asked again = inHand(client, "sleep-again", 1_000, "i");
        first.kill();
        once.expect(ErrorCode.CONNECTION_LOST);
        again.expect("done - t:slept");
        client.ask(service("echo"), "t:there", LONG_MS, "-").expect("done - t:there");
    }

    /** A request that is at the worker for certain: one that was asked after it has been answered. */
    private static Asked inHand(ClientAgent client, String service, long sleepMs, String flags) throws Exception {
        Asked asked = client.ask(service(service), "t:" + sleepMs, 2 * LONG_MS, flags);
        client.ask(service("echo"), "t:x", LONG_MS, "-").expect("done - t:x");
        return asked;
    }
}
