package io.jackfield.dist;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.zeromq.ZMQ;

/** Starts the articles' programs, each a process of its own in its own language, and ends them all. */
final class Programs implements AutoCloseable {

    private static final Path SOURCES = Path.of("src/test/programs").toAbsolutePath();
    private static final String NO_PHP = "PHP with its zmq extension is not here: apt-get install php-cli php-zmq";

    private final Kits kits;
    private final Path folder;
    private final List<Running> running = new ArrayList<>();

    Programs(Kits kits, Path folder) {
        this.kits = kits;
        this.folder = folder;
    }

    /** Skips the test where it is missing. */
    static void assumePhp() throws IOException, InterruptedException {
        Path php = Path.of("/usr/bin/php");
        assumeTrue(Files.isExecutable(php), NO_PHP);
        try (Running asked =
                Running.start(SOURCES, Map.of(), php.toString(), "-r", "exit((int) !extension_loaded('zmq'));")) {
            assumeTrue(asked.awaitExit() == 0, NO_PHP);
        }
    }

    Running python(String program, String... arguments) throws IOException {
        return kept(kits.python(folder, SOURCES.resolve("python").resolve(program + ".py"), arguments));
    }

    Running php(String program, String... arguments) throws IOException {
        return start(
                List.of(
                        "/usr/bin/php",
                        SOURCES.resolve("php").resolve(program + ".php").toString()),
                arguments);
    }

    /** From source: the programs have one class each. */
    Running java(String program, String... arguments) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return start(
                List.of(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        jarOf(ZMQ.class),
                        SOURCES.resolve("java").resolve(program + ".java").toString()),
                arguments);
    }

    static String jarOf(Class<?> member) {
        return Path.of(member.getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .toString();
    }

    @Override
    public void close() {
        running.forEach(Running::close);
    }

    private Running start(List<String> command, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        return kept(Running.start(folder, Map.of(), all.toArray(String[]::new)));
    }

    private Running kept(Running started) {
        running.add(started);
        return started;
    }
}
