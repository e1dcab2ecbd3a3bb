package io.jackfield.command.conformance;

import io.jackfield.command.Child;
import io.jackfield.command.Children;
import io.jackfield.command.OwnBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real broker in a process of its own, which can be killed and started again at the same port. */
final class TestBroker {
    private final Children children;
    private final Path home;
    private final Path folder;
    private final String name;
    private final String services;
    private String endpoint = "tcp://127.0.0.1:0";
    private Child program;

    /** @param services names that exist from the start, so that requests for them wait for their worker */
    TestBroker(Children children, Path home, Path folder, String name, List<String> services)
            throws IOException, InterruptedException {
        this.children = children;
        this.home = home;
        this.folder = folder;
        this.name = name;
        StringBuilder yaml = new StringBuilder();
        services.forEach(service -> yaml.append("  ").append(service).append(": {}\n"));
        this.services = yaml.toString();
        Files.createDirectories(folder.resolve("no-plugins"));
        this.program = started();
    }

    String endpoint() {
        return endpoint;
    }

    void kill() {
        program.kill();
    }

    /** At the same port. */
    void startAgain() throws IOException, InterruptedException {
        program = started();
    }

    private Child started() throws IOException, InterruptedException {
        Path config = Files.writeString(
                folder.resolve(name + ".yaml"),
                """
                endpoints: [{ bind: "%s" }]
                http: { bind: "off" }
                plugins: { dir: no-plugins }
                limits: { heartbeat-interval: 250ms, heartbeat-liveness: 3, message-bytes-max: 17MiB, frame-bytes-max: 17MiB }
                services:
                %s"""
                        .formatted(endpoint, services));
        OwnBroker started = OwnBroker.startNamed(name, children, home, "--config", config.toString());
        endpoint = started.addresses().get(0);
        return started.process();
    }
}
