package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What docs/EXISTING-PROGRAMS.md promises, with programs that make the articles' socket calls. They lie in src/test/programs; those that bind
 * do so on Unix sockets, which need no free port.
 */
class ArticleProgramsIT {

    /** The article's 100,000 requests with {@code -Djackfield.slow=true}. */
    private static final int REQUESTS = Boolean.getBoolean("jackfield.slow") ? 100_000 : 3_000;

    private static final long TIMEOUT_S = 300;

    @TempDir
    private static Path folder;

    private static Kits kits;
    private static Serving broker;
    private static Observer observer;
    private Programs programs;

    @BeforeAll
    static void startBroker() throws Exception {
        kits = Kits.setUp();
        broker = Serving.start(folder, "--config", config().toString());
        observer = new Observer(Port.ANY.address());
    }

    /** Addresses of endpoints that bind to TCP, in the order of the configuration. */
    private enum Port {
        ANY,
        HELLO_CLIENTS,
        HELLO_WORKERS,
        TU_CLIENTS,
        TU_REQUESTS,
        TU_REPLIES,
        TASKS,
        RESULTS,
        WEATHER,
        CONFIG,
        CONFIG_CLIENTS,
        BOUND_CLIENTS;

        String address() {
            return broker.endpoints().get(List.of(values()).indexOf(this));
        }
    }

    private static Path config() throws IOException {
        String config =
                """
                endpoints:
                  - { bind: "tcp://127.0.0.1:0" }
                  - { bind: "tcp://127.0.0.1:0", role: clients, service: hello }
                  - { bind: "tcp://127.0.0.1:0", role: workers, service: hello }
                  - { bind: "tcp://127.0.0.1:0", role: clients, service: tu }
                  - { bind: "tcp://127.0.0.1:0", role: workers, service: tu }
                  - { bind: "tcp://127.0.0.1:0", role: workers, service: tu }
                  - { bind: "tcp://127.0.0.1:0", group: tasks }
                  - { bind: "tcp://127.0.0.1:0", group: results }
                  - { bind: "tcp://127.0.0.1:0", group: weather }
                  - { bind: "tcp://127.0.0.1:0", group: config }
                  - { bind: "tcp://127.0.0.1:0", role: clients, service: config }
                  - { bind: "tcp://127.0.0.1:0", role: clients, service: bound }
                  - { bind: "ipc://FOLDER/hello-clients", role: clients, service: hello }
                  - { bind: "ipc://FOLDER/hello-workers", role: workers, service: hello }
                  - { bind: "ipc://FOLDER/tu-clients", role: clients, service: tu }
                  - { bind: "ipc://FOLDER/tu-requests", role: workers, service: tu }
                  - { bind: "ipc://FOLDER/tu-replies", role: workers, service: tu }
                  - { bind: "ipc://FOLDER/step2", group: steps }
                  - { connect: "ipc://FOLDER/step3", socket: pair, group: steps }
                  - { connect: "ipc://FOLDER/ventilator", socket: pull, group: tasks }
                  - { connect: "ipc://FOLDER/sink", socket: push, group: results }
                  - { connect: "ipc://FOLDER/weather", socket: xsub, group: weather }
                  - { connect: "ipc://FOLDER/config", socket: xsub, group: config }
                  - { connect: "ipc://FOLDER/config-hello", socket: dealer, role: workers, service: config }
                  - { connect: "ipc://FOLDER/bound", socket: dealer, role: workers, service: bound }
                http: { bind: "off" }
                limits: { connect-retry-max: 200ms }
                """;
        return Files.writeString(folder.resolve("jackfield.yaml"), config.replace("FOLDER", folder.toString()));
    }

    @AfterAll
    static void stopBroker() {
        observer.close();
        broker.close();
    }

    @BeforeEach
    void openPrograms() {
        programs = new Programs(kits, folder);
    }

    /** The next test begins when nobody is left but the observer: what a dead worker is given would be missed. */
    @AfterEach
    void endPrograms() {
        programs.close();
        Await.until("the programs are gone", () -> observer.view("peers").size() == 1);
    }

    @Test
    void shouldBeWhatThePageNames() throws Exception {
        String page = Files.readString(Kits.checkout().resolve("docs/EXISTING-PROGRAMS.md"));
        Set<String> named = Pattern.compile("`(should\\w+)`")
                .matcher(page)
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> tests = Arrays.stream(ArticleProgramsIT.class.getDeclaredMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("should") && !name.equals("shouldBeWhatThePageNames"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(tests, named);
    }

    @Test
    void shouldServeTheJavaClientFromTheJavaWorker() throws Exception {
        programs.java("HelloWorker", Port.HELLO_WORKERS.address(), "java");
        Running client = programs.java("HelloClient", Port.HELLO_CLIENTS.address(), Integer.toString(REQUESTS));

        assertEnded(client);
        assertEquals("received " + REQUESTS, client.output());
    }

    @Test
    void shouldDivideRequestsAmongWorkersInJavaAndPython() throws Exception {
        programs.java("HelloWorker", Port.HELLO_WORKERS.address(), "java");
        programs.python("hello_worker", "connect", Port.HELLO_WORKERS.address(), "python");
        programs.python("hello_worker", "connect", ipc("hello-workers"), "python over ipc");
        observer.awaitWorkers("hello", 3);

        Running client = programs.python("hello_client", "9", Port.HELLO_CLIENTS.address());

        assertEnded(client);
        assertAnswered(client, 3, "java", "python", "python over ipc");
    }

    @Test
    void shouldServeThePhpClientFromPhpWorkers() throws Exception {
        Programs.assumePhp();
        programs.php("hello_worker", Port.HELLO_WORKERS.address(), "php");
        programs.php("hello_worker", ipc("hello-workers"), "php over ipc");
        observer.awaitWorkers("hello", 2);

        Running client = programs.php("hello_client", "10", ipc("hello-clients"));

        assertEnded(client);
        assertAnswered(client, 5, "php", "php over ipc");
    }

    @Test
    void shouldServeFromAProgramThatBinds() throws Exception {
        programs.python("hello_worker", "bind", ipc("bound"), "a server that binds");

        Running client = programs.python("hello_client", "10", Port.BOUND_CLIENTS.address());

        assertEnded(client);
        assertAnswered(client, 10, "a server that binds");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryRequestsThroughPullAndPushToWorkersOfTwoHalves(boolean ipc) throws Exception {
        String requests = ipc ? ipc("tu-requests") : Port.TU_REQUESTS.address();
        String replies = ipc ? ipc("tu-replies") : Port.TU_REPLIES.address();
        programs.python("tu_worker", requests, replies);
        programs.python("tu_worker", requests, replies);
        observer.awaitWorkers("tu", 2);

        Running web = programs.python("hello_client", "20", ipc ? ipc("tu-clients") : Port.TU_CLIENTS.address());

        assertEnded(web);
        assertAnswered(web, 20, "tu after Hello");
    }

    @Test
    void shouldCarryTasksFromAVentilatorThroughWorkersToASink() throws Exception {
        programs.python("task_worker", Port.TASKS.address(), Port.RESULTS.address());
        programs.python("task_worker", Port.TASKS.address(), Port.RESULTS.address());
        Running sink = programs.python("sink", ipc("sink"));
        Running ventilator = programs.python("ventilator", ipc("ventilator"));

        assertEnded(ventilator);
        assertEnded(sink);
        assertEquals("100 results", sink.output());
    }

    @Test
    void shouldCarryTasksThroughAPhpWorker() throws Exception {
        Programs.assumePhp();
        programs.php("task_worker", Port.TASKS.address(), Port.RESULTS.address());
        Running sink = programs.python("sink", ipc("sink"));
        programs.python("ventilator", ipc("ventilator"));

        assertEnded(sink);
        assertEquals("100 results", sink.output());
    }

    @Test
    void shouldCarryTheWeatherFromAPublisherThatBinds() throws Exception {
        programs.python("weather_publisher", ipc("weather"));

        Running subscriber = programs.python("weather_subscriber", Port.WEATHER.address());

        assertEnded(subscriber);
        assertTrue(subscriber.output().startsWith("Average temperature "), subscriber.output());
    }

    @Test
    void shouldPushTheConfigurationToThoseWhoSaidHello() throws Exception {
        assertConfigurationReaches(
                programs.python("config_subscriber", Port.CONFIG.address(), Port.CONFIG_CLIENTS.address(), "s1"),
                programs.python("config_subscriber", Port.CONFIG.address(), Port.CONFIG_CLIENTS.address(), "s2"));
    }

    @Test
    void shouldPushTheConfigurationToPhp() throws Exception {
        Programs.assumePhp();
        assertConfigurationReaches(
                programs.php("config_subscriber", Port.CONFIG.address(), Port.CONFIG_CLIENTS.address(), "s1"),
                programs.php("config_subscriber", Port.CONFIG.address(), Port.CONFIG_CLIENTS.address(), "s2"));
    }

    @Test
    void shouldRelayAPairBetweenProcesses() throws Exception {
        programs.python("step1", ipc("step2"));
        Running step3 = programs.python("step3", ipc("step3"));

        assertEnded(step3);
        assertEquals("step3 recv: is hello ,i am step1", step3.output());
    }

    @Test
    void shouldServeAClientThatIsConnectedToSeveralBrokers(@TempDir Path second) throws Exception {
        Path config = Files.writeString(
                second.resolve("jackfield.yaml"),
                """
                endpoints:
                  - { bind: "tcp://127.0.0.1:0" }
                http: { bind: "off" }
                """);
        try (Serving other = Serving.start(second, "--config", config.toString())) {
            programs.python("hello_worker", "connect", Port.HELLO_WORKERS.address(), "one");
            programs.python("hello_worker", "connect", other.endpoint(), "two");

            Running client = programs.python("hello_client", "6", Port.HELLO_CLIENTS.address(), other.endpoint());

            assertEnded(client);
            assertAnswered(client, 3, "one", "two");
        }
    }

    private void assertConfigurationReaches(Running one, Running two) throws Exception {
        programs.python("config_publisher", ipc("config"), ipc("config-hello"), "s1", "s2");

        for (Running subscriber : List.of(one, two)) {
            assertEnded(subscriber);
            assertEquals("Version is 2.0\ntaoke_bts true", subscriber.output());
        }
    }

    private static void assertEnded(Running program) throws InterruptedException {
        assertEquals(0, program.awaitExit(TIMEOUT_S), program.output());
    }

    /** Each of these workers has answered as often. */
    private static void assertAnswered(Running client, int times, String... workers) {
        List<String> lines = client.output().lines().toList();
        assertEquals(times * workers.length, lines.size(), client.output());
        TreeSet<String> answers = new TreeSet<>();
        for (String worker : workers) {
            String answer = ": [World from " + worker + "]";
            assertEquals(
                    times, lines.stream().filter(line -> line.endsWith(answer)).count(), client.output());
            answers.add(answer);
        }
        assertEquals(workers.length, answers.size());
    }

    private static String ipc(String name) {
        return "ipc://" + folder.resolve(name);
    }
}
