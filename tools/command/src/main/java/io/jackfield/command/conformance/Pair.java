package io.jackfield.command.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who plays a scenario: a client of one kit, workers of another, and brokers between them. Everything ends with it. */
final class Pair implements AutoCloseable {
    /** What a worker agent serves, after its prefix. */
    static final List<String> SERVICES = List.of(
            "echo",
            "echo-again",
            "parts",
            "exit",
            "fail",
            "refuse-once",
            "throw",
            "sleep",
            "sleep-again",
            "busy",
            "deadline",
            "seen");

    private static final String PREFIX = "conf";

    private final Path home;
    private final Path folder;
    private final Kit clientKit;
    private final Kit workerKit;
    private final Deque<Runnable> closers = new ArrayDeque<>();
    private final List<TestBroker> brokers = new ArrayList<>();
    private @Nullable Program worker;
    private @Nullable ClientAgent client;

    Pair(Path home, Path folder, Kit clientKit, Kit workerKit) {
        this.home = home;
        this.folder = folder;
        this.clientKit = clientKit;
        this.workerKit = workerKit;
    }

    /** The full name of a service of the worker agents. */
    static String service(String name) {
        return PREFIX + "." + name;
    }

    TestBroker broker() throws IOException, InterruptedException {
        TestBroker broker = new TestBroker(
                home,
                folder,
                "broker-" + (brokers.size() + 1),
                SERVICES.stream().map(Pair::service).toList());
        brokers.add(broker);
        closers.push(broker::close);
        return broker;
    }

    /** The worker of every broker that was started; the same one when it is asked for again. */
    Program worker(int credit) throws IOException, InterruptedException {
        if (worker == null) {
            worker = anotherWorker(credit);
        }
        return worker;
    }

    Program anotherWorker(int credit) throws IOException, InterruptedException {
        String name = "worker-" + (closers.size() + 1);
        Program another =
                Program.start(name, workerKit.worker(home, endpoints(), PREFIX, credit), folder, "ready", line -> {});
        closers.push(another::close);
        return another;
    }

    /** The client of every broker that was started; the same one when it is asked for again. */
    ClientAgent client() throws IOException, InterruptedException {
        if (client == null) {
            client = anotherClient();
        }
        return client;
    }

    ClientAgent anotherClient() throws IOException, InterruptedException {
        String name = "client-" + (closers.size() + 1);
        ClientAgent another = ClientAgent.over(
                told -> Program.start(name, clientKit.client(home, endpoints()), folder, "ready", told));
        closers.push(another::close);
        return another;
    }

    private List<String> endpoints() {
        return brokers.stream().map(TestBroker::endpoint).toList();
    }

    @Override
    public void close() {
        closers.forEach(Runnable::run);
        closers.clear();
    }
}
