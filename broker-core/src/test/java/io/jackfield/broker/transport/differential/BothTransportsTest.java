package io.jackfield.broker.transport.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.server.Broker;
import io.jackfield.broker.server.config.ConfigReader;
import io.jackfield.broker.transport.differential.DialectWorker.Task;
import io.jackfield.broker.transport.differential.Wire.Form;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole broker with an endpoint of each adapter. */
@Timeout(60)
class BothTransportsTest {
    private static final String CONFIG =
            """
            endpoints:
              - { bind: "tcp://127.0.0.1:0" }
              - { bind: "tcp://127.0.0.1:0", transport: jeromq }
            http: { bind: "off" }
            """;

    @TempDir
    Path dir;

    @Test
    void shouldServeClientsOfOneTransportByWorkersOfTheOther() throws Exception {
        Files.createDirectory(dir.resolve("plugins"));
        Path file = Files.writeString(dir.resolve("jackfield.yaml"), CONFIG);
        List<Error> fatal = new ArrayList<>();
        try (Broker broker = Broker.start(ConfigReader.read(file), "broker", fatal::add)) {
            String zmtp = broker.addresses().get(0);
            String jeromq = broker.addresses().get(1);
            shouldServe(zmtp, jeromq, "one");
            shouldServe(jeromq, zmtp, "two");
            shouldServe(jeromq, jeromq, "three");
            assertTrue(broker.drain());
        }
        assertEquals(List.of(), fatal);
    }

    private static void shouldServe(String clientsAt, String workersAt, String service) throws Exception {
        try (ZmtpSocket asking = new ZmtpSocket(ZmtpSocket.Type.DEALER, clientsAt, "");
                ZmtpSocket working = new ZmtpSocket(ZmtpSocket.Type.DEALER, workersAt, "")) {
            DialectWorker worker = new DialectWorker("worker", service, working, Form.JF1_RAW);
            worker.join();
            DialectClient client = new DialectClient("client", asking, Form.JF1_KRYO);
            List<byte[]> body = List.of(Wire.bytes("hello"), new byte[100_000]);
            for (int i = 0; i < 10; i++) {
                client.ask(service, body);
                worker.reply(task(worker), body, 0);
                assertEquals(" REPLY 0 " + Wire.digest(body), client.hear());
            }
        }
    }

    private static Task task(DialectWorker worker) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < deadlineNs) {
            Optional<Task> task = worker.task();
            if (task.isPresent()) {
                return task.get();
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("the worker was given nothing");
    }
}
