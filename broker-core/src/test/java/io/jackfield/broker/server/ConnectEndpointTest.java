package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.broker.server.config.ConfigReader;
import io.jackfield.broker.transport.PyZmq;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that bind, asked through the broker: what they are and when they come makes no difference. */
@Timeout(120)
class ConnectEndpointTest {
    private static final String WORKER =
            """
            socket = zmq.Context().socket(zmq.REP)
            socket.bind(sys.argv[1])
            while True:
                socket.send(socket.recv() + b" from " + sys.argv[2].encode())
            """;

    private static final String CLIENT =
            """
            socket = zmq.Context().socket(zmq.REQ)
            socket.connect(sys.argv[1])
            for line in sys.stdin:
                socket.send(line.strip().encode())
                print(socket.recv().decode())
            """;

    @TempDir
    Path dir;

    @Test
    void shouldServeAProgramThatBindsAsAPlainWorker() throws Exception {
        Path plugins = Files.createDirectory(dir.resolve("plugins"));
        String worker = "ipc://" + dir.resolve("worker.sock");
        String broker = "ipc://" + dir.resolve("broker.sock");
        Path file = Files.writeString(
                dir.resolve("jackfield.yaml"),
                """
                endpoints:
                  - bind: %s
                    service: hello
                  - connect: %s
                    socket: dealer
                    service: hello
                services:
                  hello: { idempotent: true } # the kill may be seen only after the next request went to the dead worker
                http: { bind: "off" }
                plugins: { dir: %s }
                """
                        .formatted(broker, worker, plugins));
        BlockingQueue<Error> fatal = new LinkedBlockingQueue<>();
        try (Broker running = Broker.start(ConfigReader.read(file), "test", fatal::add);
                PyZmq client = PyZmq.run(CLIENT, broker)) {
            assertEquals(List.of(broker), running.addresses());
            client.send("early"); // waits in the queue of the service until its worker is there
            try (PyZmq first = PyZmq.run(WORKER, worker, "first")) {
                assertEquals("early from first", client.line());
                client.send("next");
                assertEquals("next from first", client.line());
                first.signal("KILL");
            }
            try (PyZmq second = PyZmq.run(WORKER, worker, "second")) {
                client.send("again");
                assertEquals("again from second", client.line(), "asked " + second.pid());
            }
        }
        assertEquals(0, fatal.size());
    }
}
