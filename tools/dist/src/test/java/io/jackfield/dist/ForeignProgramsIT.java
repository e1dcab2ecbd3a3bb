package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeromq.ZMQ;

/**
 * Majordomo programs that others wrote: those of the ZeroMQ guide, from the folder {@code examples} of its repository, which the environment
 * variable JACKFIELD_FOREIGN names. They are copied, and the port in them is replaced. Where one of them is in Java, the number of requests is,
 * too: the guide's code in Java opens a selector for each message and never closes it, until it has no files left.
 */
class ForeignProgramsIT {

    private static final String VARIABLE = "JACKFIELD_FOREIGN";
    private static final String ADDRESS = "tcp://localhost:5555";
    private static final List<String> PYTHON = List.of(
            "MDP.py",
            "mdcliapi.py",
            "mdcliapi2.py",
            "mdclient.py",
            "mdclient2.py",
            "mdworker.py",
            "mdwrkapi.py",
            "mmiecho.py",
            "zhelpers.py");
    private static final List<String> JAVA = List.of(
            "MDP.java",
            "mdcliapi.java",
            "mdcliapi2.java",
            "mdclient.java",
            "mdclient2.java",
            "mdworker.java",
            "mdwrkapi.java",
            "mmiecho.java");

    private static final String REQUESTS = "100000";
    private static final String REQUESTS_OF_JAVA = "200";
    private static final long TIMEOUT_S = 600;

    private static Kits kits;

    @TempDir
    private Path folder;

    private Serving broker;
    private final List<Running> running = new ArrayList<>();

    @BeforeAll
    static void findPrograms() throws Exception {
        assumeTrue(
                System.getenv(VARIABLE) != null,
                VARIABLE + " does not name the folder examples of a checkout of the ZeroMQ guide");
        kits = Kits.setUp();
    }

    @BeforeEach
    void startBroker() throws Exception {
        broker = Serving.start(folder);
    }

    @AfterEach
    void stop() {
        running.forEach(Running::close);
        if (broker != null) {
            broker.close();
        }
    }

    /** Synchronous, asynchronous, and the question whether the service is there. */
    @ParameterizedTest
    @CsvSource({"Python,Python", "Python,Java", "Java,Python", "Java,Java"})
    void shouldServeTheProgramsOfTheGuide(String worker, String client) throws Exception {
        String requests = worker.equals("Java") || client.equals("Java") ? REQUESTS_OF_JAVA : REQUESTS;
        copy("Python", PYTHON, requests);
        copy("Java", JAVA, requests);
        compile();
        assertSays(client, "mmiecho", "Lookup echo service: " + (client.equals("Java") ? "404" : "b'404'"));
        start(worker, "mdworker");
        try (Observer observer = new Observer(broker.endpoint())) {
            observer.awaitWorkers("echo", 1);
        }

        assertSays(client, "mmiecho", "Lookup echo service: " + (client.equals("Java") ? "200" : "b'200'"));
        assertSays(client, "mdclient", requests + " requests/replies processed");
        assertSays(client, "mdclient2", requests + " requests/replies processed");
        try (Observer observer = new Observer(broker.endpoint())) {
            assertEquals(
                    2 * Integer.parseInt(requests),
                    observer.number("echo", "replied"),
                    "requests that the worker answered");
        }
    }

    private void assertSays(String language, String program, String line) throws Exception {
        Running ran = start(language, program);
        assertEquals(0, ran.awaitExit(TIMEOUT_S), ran.output());
        assertTrue(ran.output().lines().anyMatch(line::equals), program + ": " + ran.output());
    }

    private Running start(String language, String program) throws IOException {
        Running started = language.equals("Python")
                ? kits.python(folder, folder.resolve("Python").resolve(program + ".py"))
                : Running.start(folder, Map.of(), javaTool("java"), "-cp", classPath(), "guide." + program);
        running.add(started);
        return started;
    }

    private void copy(String language, List<String> files, String requests) throws IOException {
        Path from = Path.of(System.getenv(VARIABLE)).resolve(language);
        Path to = Files.createDirectories(folder.resolve(language));
        for (String file : files) {
            String program = Files.readString(from.resolve(file));
            Files.writeString(
                    to.resolve(file),
                    program.replace(ADDRESS, broker.endpoint()).replace(REQUESTS, requests));
        }
    }

    private void compile() throws Exception {
        List<String> command = new ArrayList<>(List.of(javaTool("javac"), "-nowarn", "-cp", classPath(), "-d", "Java"));
        JAVA.forEach(file -> command.add("Java/" + file));
        try (Running javac = Running.start(folder, Map.of(), command.toArray(String[]::new))) {
            assertEquals(0, javac.awaitExit(), javac.output());
        }
    }

    private String classPath() {
        return folder.resolve("Java") + java.io.File.pathSeparator + Programs.jarOf(ZMQ.class);
    }

    private static String javaTool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }
}
