package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that was told to take more than it does by default: the commands and a worker go along. */
class LargeBodiesIT {

    private static final String CONFIG =
            """
            endpoints: [{ bind: "tcp://127.0.0.1:0" }]
            http: { bind: "127.0.0.1:0" }
            limits: { body-bytes-max: 64MiB, message-bytes-max: 65MiB, frame-bytes-max: 65MiB }
            """;

    @TempDir
    private Path folder;

    private final byte[] large = new byte[20 << 20];
    private Serving broker;

    @BeforeEach
    void startBroker() throws IOException {
        new Random(1).nextBytes(large);
        Path config = Files.writeString(folder.resolve("jackfield.yaml"), CONFIG);
        broker = Serving.start(folder, "--config", config.toString());
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Test
    void shouldCallAJavaWorkerThatTakesAsMuchAsTheBroker() throws Exception {
        String jar = Jackfield.HOME.resolve("plugins/echo.jar").toString();
        String[] command =
                Jackfield.command("worker", "--connect", broker.endpoint(), "--body-bytes-max", "64MiB", jar);
        try (Running worker = Running.start(folder, Map.of(), command)) {
            worker.awaitLine("ready", line -> line.startsWith("jackfield worker ready"));

            Ran ran = Jackfield.runWithInput(
                    large, "call", "echo", "-", "--timeout", "60000", "--connect", broker.endpoint());

            assertEquals(0, ran.exitCode(), ran.stderr());
            assertArrayEquals(large, ran.stdout());
        }
    }

    @Test
    void shouldAddAJarThatIsLargerThanADefaultBrokerTakes() throws Exception {
        Path jar = folder.resolve("large-echo.jar");
        try (ZipFile echo =
                        new ZipFile(Jackfield.HOME.resolve("plugins/echo.jar").toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (ZipEntry entry : echo.stream().toList()) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(echo.getInputStream(entry).readAllBytes());
            }
            out.putNextEntry(new ZipEntry("large"));
            out.write(large);
        }

        Ran ran = Jackfield.run("plugins", "add", jar.toString(), "--connect", broker.endpoint());

        assertEquals(0, ran.exitCode(), ran.stderr());
        assertTrue(ran.text().contains("large-echo.jar"), ran::text);
        assertEquals("x", broker.call("echo", "x").text());
    }
}
