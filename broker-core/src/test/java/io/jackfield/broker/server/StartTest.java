package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.host.fixture.FixtureJar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StartTest {
    @Test
    void shouldLetNobodyInBeforeThePluginsServe(@TempDir Path temp) throws Exception {
        int port = freePort();
        String look = "String seen; public H0() { try (java.net.Socket s = new java.net.Socket(\"127.0.0.1\", " + port
                + ")) { seen = \"open\"; } catch (java.io.IOException e) { seen = \"closed\"; } }";
        Path jar = FixtureJar.plugin("early")
                .handler(
                        "name = \"early\"",
                        "implements Handler",
                        look + FixtureJar.handleMethod("return Reply.text(seen);"))
                .writeTo(Files.createDirectories(temp.resolve("plugins")));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));

        try (RunningBroker broker =
                RunningBroker.start(temp, "endpoints: [{bind: 'tcp://127.0.0.1:" + port + "', service: early}]")) {
            assertEquals("closed", Asker.PLAIN.ask(broker, 0, "early", ""));
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
