package io.jackfield.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The demo's own broker: a child process on free ports, with a plugin folder of its own. */
final class DemoBroker {

    /** The C worker declares its service idempotent; here the broker decides, so that both cases can be shown. */
    private static final String CONFIG =
            """
            services:
              is-prime-once: { idempotent: false, timeout: 30s }
              is-prime-again: { idempotent: true, timeout: 30s }
            """;

    private final Path home;
    private final Path plugins;
    private final OwnBroker broker;

    private DemoBroker(Path home, Path plugins, OwnBroker broker) {
        this.home = home;
        this.plugins = plugins;
        this.broker = broker;
    }

    static DemoBroker start(Children children, Path home, Path folder) throws IOException, InterruptedException {
        return start(children, folder, CONFIG, home.resolve("plugins/is-prime.jar"), "is-prime.jar");
    }

    /** With that configuration, and with that jar as the only plugin. */
    static DemoBroker start(Children children, Path folder, String configuration, Path jar, String name)
            throws IOException, InterruptedException {
        Path home = Demo.home();
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        Files.copy(jar, plugins.resolve(name));
        Path config = Files.writeString(folder.resolve("jackfield.yaml"), configuration);
        String[] options = {
            "--config",
            config.toString(),
            "--plugins",
            plugins.toString(),
            "--endpoint",
            "tcp://127.0.0.1:0",
            "--http",
            "127.0.0.1:0"
        };
        return new DemoBroker(home, plugins, OwnBroker.start(children, home, options));
    }

    String endpoint() {
        return broker.address("tcp://");
    }

    String httpBase() {
        return broker.address("http://");
    }

    Path drop(String jar) throws IOException {
        return Files.copy(home.resolve("plugins").resolve(jar), plugins.resolve(jar));
    }

    /** Puts a jar in the place of another one, whole. */
    void put(Path jar, String name) throws IOException {
        Path whole = Files.copy(jar, plugins.resolve(name + ".tmp"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(whole, plugins.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void remove(String jar) throws IOException {
        Files.delete(plugins.resolve(jar));
    }

    int terminate(long timeoutMs) throws InterruptedException {
        return broker.process().terminate(timeoutMs);
    }
}
