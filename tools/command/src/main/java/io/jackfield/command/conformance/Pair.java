package io.jackfield.command.conformance;

import io.jackfield.command.Child;
import io.jackfield.command.Children;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private final Children children;
    private final Kit clientKit;
    private final Kit workerKit;
    private final List<TestBroker> brokers = new ArrayList<>();
    private int agents;
    private @Nullable Child worker;
    private @Nullable ClientAgent client;

    Pair(Path home, Path folder, Kit clientKit, Kit workerKit) {
        this.home = home;
        this.folder = folder;
        this.children = new Children(folder);
        this.clientKit = clientKit;
        this.workerKit = workerKit;
    }

    /** The full name of a service of the worker agents. */
    static String service(String name) {
        return PREFIX + "." + name;
    }

    TestBroker broker() throws IOException, InterruptedException {
        TestBroker broker = new TestBroker(
                children,
                home,
                folder,
                "broker-" + (brokers.size() + 1),
                SERVICES.stream().map(Pair::service).toList());
        brokers.add(broker);
        return broker;
    }

    /** The worker of every broker that was started; the same one when it is asked for again. */
    Child worker(int credit) throws IOException, InterruptedException {
        if (worker == null) {
            worker = anotherWorker(credit);
        }
        return worker;
    }

    Child anotherWorker(int credit) throws IOException, InterruptedException {
        return workerKit.worker(home, endpoints(), PREFIX, credit).start(nameOf("worker"), children, line -> {});
    }

    /** The client of every broker that was started; the same one when it is asked for again. */
    ClientAgent client() throws IOException, InterruptedException {
        if (client == null) {
            client = anotherClient();
        }
        return client;
    }

    ClientAgent anotherClient() throws IOException, InterruptedException {
        String name = nameOf("client");
        return ClientAgent.over(told -> clientKit.client(home, endpoints()).start(name, children, told));
    }

    private String nameOf(String role) {
        agents++;
        return role + "-" + agents;
    }

    private List<String> endpoints() {
        return brokers.stream().map(TestBroker::endpoint).toList();
    }

    @Override
    public void close() {
        children.kill(); // a broker that is asked to end waits for its peers
        children.close();
    }
}
