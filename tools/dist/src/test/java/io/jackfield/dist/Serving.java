package io.jackfield.dist;

import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A broker of the distribution, on free ports, with a plugin folder of its own below the given one. */
final class Serving implements AutoCloseable {

    private final Running process;
    private final Path plugins;
    private final String readyLine;

    private Serving(Running process, Path plugins, String readyLine) {
        this.process = process;
        this.plugins = plugins;
        this.readyLine = readyLine;
    }

    static Serving start(Path folder, String... more) throws IOException {
        return start(folder, Map.of(), more);
    }

    static Serving start(Path folder, Map<String, String> environment, String... more) throws IOException {
        Path plugins = Files.createDirectories(folder.resolve("plugins"));
        List<String> arguments = new ArrayList<>(List.of("serve", "--plugins", plugins.toString()));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--config")) {
            arguments.addAll(List.of("--endpoint", "tcp://127.0.0.1:0", "--http", "127.0.0.1:0"));
        }
        Running process = Running.start(folder, environment, Jackfield.command(arguments.toArray(String[]::new)));
        try {
            String ready = process.awaitLine("the ready line", line -> line.startsWith("jackfield ready"));
            return new Serving(process, plugins, ready);
        } catch (AssertionError e) {
            process.close();
            throw e;
        }
    }

    Running process() {
        return process;
    }

    String readyLine() {
        return readyLine;
    }

    String endpoint() {
        return endpoints().get(0);
    }

    List<String> endpoints() {
        return announced("tcp://");
    }

    String http() {
        return announced("http://").get(0);
    }

    /** Copies a first-party jar in, as a person would. */
    void drop(String jar) throws IOException {
        Files.copy(Jackfield.HOME.resolve("plugins").resolve(jar), plugins.resolve(jar));
    }

    Path plugins() {
        return plugins;
    }

    Ran call(String service, String body) throws IOException, InterruptedException {
        return Jackfield.run("call", service, body, "--connect", endpoint());
    }

    Ran list(String what, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(what, "--connect", endpoint()));
        arguments.addAll(List.of(more));
        return Jackfield.run(arguments.toArray(String[]::new));
    }

    @Override
    public void close() {
        process.close();
    }

    private List<String> announced(String scheme) {
        return Arrays.stream(readyLine.split(" "))
                .filter(word -> word.startsWith(scheme))
                .toList();
    }
}
