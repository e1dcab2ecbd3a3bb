package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Serving broker;

    @BeforeAll
    static void startBroker() throws IOException {
        broker = Serving.start(folder);
        broker.drop("echo.jar");
        broker.drop("is-prime.jar");
        for (String service : List.of("echo", "is-prime")) {
            Await.until(service, () -> answers(service));
        }
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void shouldPrintTheReplyAndNothingElse() throws Exception {
        Ran ran = broker.call("is-prime", "32416190071");

        assertEquals("32416190071", ran.text().strip(), ran.stderr());
        assertEquals("", ran.stderr());
        assertEquals(0, ran.exitCode());
    }

    @Test
    void shouldPassBytesFromStdinToStdoutUnchanged() throws Exception {
        byte[] bytes = new byte[100_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }

        Ran ran = Jackfield.runWithInput(bytes, "call", "echo", "-", "--connect", broker.endpoint());

        assertArrayEquals(bytes, ran.stdout(), ran.stderr());
    }

    @Test
    void shouldSayThatABodyMayBeTooLargeForTheBroker() throws Exception {
        Ran ran = Jackfield.runWithInput(new byte[17 << 20], "call", "echo", "-", "--connect", broker.endpoint());

        assertEquals(3, ran.exitCode(), ran.stderr());
        assertTrue(ran.stderr().startsWith("jackfield call: CONNECTION_LOST: "), ran.stderr());
        assertTrue(ran.stderr().contains("(the body has 17825792 bytes: send less, or raise "), ran.stderr());
    }

    /** In the environment of a service or of cron; what the shell hands over are bytes, here those of one letter. */
    @Test
    void shouldPassLettersBeyondAsciiWhereNoLocaleIsSet() throws Exception {
        String program = "env -i PATH=\"$PATH\" HOME=\"$HOME\" ${JAVA_HOME:+JAVA_HOME=\"$JAVA_HOME\"}"
                + " \"$0\" call echo \"$(printf '\\303\\244')\" --connect \"$1\" | od -An -tx1";
        try (Running call =
                Running.start(folder, Map.of(), "bash", "-c", program, Jackfield.command()[0], broker.endpoint())) {
            call.awaitExit();
            assertEquals("c3 a4", call.output().strip());
        }
    }

    @Test
    void shouldPassAnEmptyBody() throws Exception {
        Ran ran = Jackfield.run("call", "echo", "--connect", broker.endpoint());

        assertEquals(0, ran.exitCode(), ran.stderr());
        assertEquals(0, ran.stdout().length);
    }

    @Test
    void shouldPrintJsonOnDemand() throws Exception {
        Ran ran = Jackfield.run("call", "echo", "Grüße", "--json", "--connect", broker.endpoint());

        JsonNode reply = JSON.readTree(ran.stdout());
        assertEquals("Grüße", reply.path("body").asText(), ran.text());
        assertEquals("echo", reply.path("service").asText());
    }

    @Test
    void shouldSayInOneLineThatAServiceDoesNotExist() throws Exception {
        Ran ran = broker.call("no-such-thing", "x");

        assertEquals(4, ran.exitCode(), ran.stderr());
        assertTrue(ran.stderr().startsWith("jackfield call: NO_SUCH_SERVICE: "), ran.stderr());
        assertEquals(1, ran.stderr().lines().count(), ran.stderr());
        assertEquals(0, ran.stdout().length);
    }

    @Test
    void shouldPrintAFailureAsJsonToo() throws Exception {
        Ran ran = Jackfield.run("call", "no-such-thing", "--json", "--connect", broker.endpoint());

        JsonNode error = JSON.readTree(ran.stderr()).path("error");
        assertEquals("NO_SUCH_SERVICE", error.path("code").asText(), ran.stderr());
        assertEquals(ran.exitCode(), error.path("exitCode").asInt());
    }

    @Test
    void shouldPassOnThatTheHandlerCannotReadTheRequest() throws Exception {
        Ran ran = broker.call("is-prime", "many");

        assertEquals(4, ran.exitCode(), ran.stderr());
        assertTrue(ran.stderr().startsWith("jackfield call: BAD_REQUEST: "), ran.stderr());
    }

    @Test
    void shouldSayAtOnceThatNoBrokerIsThere() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        Ran ran = Jackfield.run("call", "echo", "x", "--connect", "tcp://127.0.0.1:" + port);

        assertEquals(3, ran.exitCode(), ran.stderr());
        assertTrue(ran.stderr().contains("jackfield serve"), ran.stderr());
        assertEquals(1, ran.stderr().lines().count(), ran.stderr());
    }

    @Test
    void shouldRefuseWrongUsageInOneLine() throws Exception {
        for (String[] wrong : new String[][] {
            {"call"},
            {"call", "echo", "x", "--timeout", "soon"},
            {"call", "echo", "x", "--header", "no-colon"},
            {"call", "echo", "x", "--header", "X-Capitals:7", "--connect", broker.endpoint()},
            {"call", "no/name", "x", "--connect", broker.endpoint()},
            {"call", "echo", "x", "--connect", "127.0.0.1"},
            {"worker", "--connect", "127.0.0.1", "x.jar"},
            {"worker", "--body-bytes-max", "64", "x.jar"},
            {"sevre"}
        }) {
            Ran ran = Jackfield.run(wrong);

            assertEquals(2, ran.exitCode(), ran.stderr());
            assertEquals(1, ran.stderr().lines().count(), ran.stderr());
        }
    }

    @Test
    void shouldListServicesWorkersAndPluginsInTables() throws Exception {
        List<String> services = broker.list("services").text().lines().toList();
        assertTrue(services.get(0).startsWith("SERVICE"), services.toString());
        assertTrue(services.stream().anyMatch(line -> line.startsWith("is-prime ")), services.toString());

        List<String> plugins = broker.list("plugins").text().lines().toList();
        assertTrue(plugins.get(0).startsWith("PLUGIN"), plugins.toString());
        assertTrue(plugins.stream().anyMatch(line -> line.contains("echo.jar")), plugins.toString());

        assertEquals(0, broker.list("workers").exitCode());
    }

    @Test
    void shouldListAsJson() throws Exception {
        JsonNode plugins =
                JSON.readTree(broker.list("plugins", "--json").stdout()).path("plugins");

        assertEquals(2, plugins.size(), plugins.toString());
        for (JsonNode plugin : plugins) {
            assertTrue(plugin.path("sha256").asText().matches("[0-9a-f]{64}"), plugin.toString());
        }
    }

    @Test
    void shouldExplainEveryCommandWithAnExample() throws Exception {
        Ran all = Jackfield.run("--help");
        assertTrue(all.text().contains("Examples:\n  jackfield serve\n"), all.text());
        List<String> commands = commands(all.text());
        assertTrue(
                commands.containsAll(List.of("serve", "bench", "prepare", "call", "conformance")), commands::toString);
        for (String command : commands) {
            Ran ran = Jackfield.run(command, "--help");

            assertEquals(0, ran.exitCode(), ran.stderr());
            assertTrue(ran.text().contains("Examples:\n  jackfield " + command), ran.text());
        }
        assertEquals(Jackfield.run("prepare", "--help"), Jackfield.run("prepare", "-h"));
    }

    /** The words that the lines between the heading of the commands and the empty line after it begin with. */
    private static List<String> commands(String help) {
        return help.lines()
                .dropWhile(line -> !line.startsWith("Commands "))
                .skip(1)
                .takeWhile(line -> line.startsWith("  "))
                .filter(line -> line.charAt(2) != ' ')
                .map(line -> line.strip().split(" ", 2)[0])
                .toList();
    }

    private static boolean answers(String service) {
        try {
            return broker.call(service, "7").exitCode() == 0;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
