package io.jackfield.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Starts the demo's workers, each as a person would start it from a shell. */
final class DemoWorkers {

    private final Children children;
    private final Path home;
    private final String endpoint;
    private int number;

    DemoWorkers(Children children, Path home, String endpoint) {
        this.children = children;
        this.home = home;
        this.endpoint = endpoint;
    }

    Child c(String service) throws IOException {
        Path program = home.resolve("native-workers-c/build/bin/is_prime_worker");
        return start("c", Map.of(), program.toString(), "--connect", endpoint, "--service", service);
    }

    Child python(String service) throws IOException {
        Path kit = home.resolve("worker-kits/python");
        String python = System.getenv().getOrDefault("JACKFIELD_PYTHON", "python3");
        Map<String, String> environment =
                Map.of("PYTHONPATH", kit.resolve("src").toString());
        String sample = kit.resolve("samples/is_prime_worker.py").toString();
        return start("python", environment, python, sample, "--connect", endpoint, "--service", service);
    }

    Child java(String jar) throws IOException {
        String script = home.resolve("jackfield").toString();
        String plugin = home.resolve("plugins").resolve(jar).toString();
        return start("java", Map.of(), script, "worker", "--connect", endpoint, plugin);
    }

    private Child start(String language, Map<String, String> environment, String... command) throws IOException {
        number++;
        return children.start("worker-" + number + "-" + language, "", environment, command);
    }
}
