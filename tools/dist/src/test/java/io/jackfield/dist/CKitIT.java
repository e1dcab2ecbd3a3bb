package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The C kit's programs against real brokers: several of them, one that is killed and comes back, large bodies. */
class CKitIT {

    private static final String PRIME = "32416190071";

    private static final String CONFIG =
            """
            endpoints:
              - { bind: "tcp://127.0.0.1:0" }
              - { bind: "ipc://broker.sock" }
            http: { bind: "127.0.0.1:0" }
            services:
              prime: { timeout: 60s }
            limits: { frame-bytes-max: 33MiB, message-bytes-max: 33MiB, body-bytes-max: 32MiB }
            """;

    private static final String SCRIPT =
            """
            set -euo pipefail
            call() { "$BIN/jf_call" --connect "$1" --timeout 60000 --body-bytes-max 33554432 "$2" -; }
            seq 1 200000 >text
            call "$1" zstd-compress <text | call "$1" sodium-encrypt >sealed
            call "$1" sodium-decrypt <sealed | call "$1" zstd-decompress | cmp - text
            [[ $(stat -c %s sealed) -lt $(($(stat -c %s text) / 2)) ]]
            head -c 25000000 /dev/zero >large
            call "$1" sodium-encrypt <large | call "$1" sodium-decrypt | cmp - large
            """;

    private static final Path BIN = Kits.checkout().resolve("native-workers-c/build/bin");

    private static Kits kits;

    @TempDir
    private Path folder;

    @BeforeAll
    static void setUpKits() throws Exception {
        kits = Kits.setUp();
    }

    @Test
    void shouldGoToTheNextBrokerWithWhatWasInFlightWhenOneIsKilled() throws Exception {
        try (Serving first = serve("first");
                Serving second = serve("second");
                Running worker = startPrimeWorker(second.endpoint());
                Running client = askBoth(first, second)) {
            worker.awaitLine("ready", line -> line.equals("ready"));
            // The first broker has no worker: the request waits there, for as long as it lives.
            Await.until("the request at the first broker", () -> queued(first) == 1);
            first.process().kill();

            assertEquals(0, client.awaitExit(), client.output());
            assertEquals(PRIME, client.output());
        }
    }

    private Running askBoth(Serving first, Serving second) throws IOException {
        String both = first.endpoint() + "," + second.endpoint();
        return kits.c(folder, "jf_call", "--connect", both, "--timeout", "60000", "--idempotent", "prime", PRIME);
    }

    @Test
    void shouldServeAllBrokersAndComeBackToOneThatWasKilled() throws Exception {
        String ipc = "ipc://" + folder.resolve("restarts/broker.sock");
        try (Serving stays = serve("stays");
                Running worker = startPrimeWorker(ipc + "," + stays.endpoint())) {
            serveUntilKilled(ipc); // the request waits until there is a worker
            assertAnswers(stays.endpoint());
            serveUntilKilled(ipc);
            assertAnswers(stays.endpoint());

            worker.terminate();
            assertEquals(0, worker.awaitExit(), worker.output());
        }
    }

    private Running startPrimeWorker(String endpoints) throws IOException {
        return kits.c(folder, "is_prime_worker", "--connect", endpoints, "--service", "prime");
    }

    private void serveUntilKilled(String ipc) throws Exception {
        try (Serving broker = serve("restarts")) {
            assertAnswers(ipc);
            broker.process().kill();
            broker.process().awaitExit();
        }
    }

    @Test
    void shouldCompressAndEncryptInCAndCarryBodiesAsLargeAsTheBrokerAllows() throws Exception {
        assumeTrue(isBuilt("zstd_worker") && isBuilt("sodium_worker"), "libzstd-dev and libsodium-dev are installed");
        Path key = folder.resolve("key");
        Files.write(key, new byte[32]);
        try (Serving broker = serve("broker");
                Running zstd = kits.c(folder, "zstd_worker", "--connect", broker.endpoint());
                Running sodium =
                        kits.c(folder, "sodium_worker", "--connect", broker.endpoint(), "--key-file", key.toString())) {
            zstd.awaitLine("ready", line -> line.equals("ready"));
            sodium.awaitLine("ready", line -> line.equals("ready"));
            runScript(broker.endpoint());
        }
    }

    private static boolean isBuilt(String sample) {
        return Files.isExecutable(BIN.resolve(sample));
    }

    private void runScript(String endpoint) throws Exception {
        String[] command = {"bash", "-c", SCRIPT, "script", endpoint};
        try (Running calls = Running.start(folder, Map.of("BIN", BIN.toString()), command)) {
            assertEquals(0, calls.awaitExit(), calls.output());
        }
    }

    /** In a folder of its own, so that each has a socket file of its own. */
    private Serving serve(String name) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        Path config = Files.writeString(own.resolve("jackfield.yaml"), CONFIG);
        return Serving.start(own, "--config", config.toString());
    }

    private void assertAnswers(String endpoint) throws Exception {
        try (Running call = kits.c(folder, "jf_call", "--connect", endpoint, "--timeout", "60000", "prime", "91")) {
            assertEquals(0, call.awaitExit(), call.output());
            assertEquals("7", call.output());
        }
    }

    /** How many requests of the service prime wait for a worker, as the broker lists it. */
    private int queued(Serving broker) {
        try (Running call = kits.c(folder, "jf_call", "--connect", broker.endpoint(), "jf.services")) {
            assertEquals(0, call.awaitExit(), call.output());
            for (JsonNode row : new ObjectMapper().readTree(call.output()).path("services")) {
                if (row.path("name").asText().equals("prime")) {
                    return row.path("queued").asInt();
                }
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
