package io.jackfield.broker.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.ZmqPeers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * HTTP clients that take memory and give nothing back, against a whole broker with 64 MiB of heap, as much of direct memory, and no limit but
 * those that hold by default: it stays up, and serves a bystander while their connections are open.
 */
@Timeout(180)
class HttpMemoryTest {
    private static final int MIB = 1 << 20;
    private static final int CLIENTS = 20;

    @TempDir
    Path dir;

    private final List<RawHttp> hostile = new ArrayList<>();
    private final ZmqPeers peers = new ZmqPeers();
    private Process broker;
    private InetSocketAddress http;
    private ZMQ.Socket worker;

    @BeforeEach
    void startBroker() throws Exception {
        Path plugins = Files.createDirectory(dir.resolve("plugins"));
        Path config = Files.writeString(
                dir.resolve("jackfield.yaml"),
                """
                endpoints: [{ bind: "tcp://127.0.0.1:0", service: big }]
                http: { bind: "127.0.0.1:0" }
                plugins: { dir: %s }
                """
                        .formatted(plugins));
        broker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.jackfield.broker.server.BrokerMain",
                        "--config",
                        config.toString())
                .redirectError(log().toFile())
                .start();
        String line = new BufferedReader(new InputStreamReader(broker.getInputStream(), UTF_8)).readLine();
        assertNotNull(line, Files.readString(log()));
        String[] words = line.split(" ", -1);
        assertEquals("ready", words[1], line);
        worker = peers.connected(SocketType.REP, words[2]);
        URI address = URI.create(words[3]);
        http = new InetSocketAddress(address.getHost(), address.getPort());
    }

    @AfterEach
    void endBroker() throws Exception {
        for (RawHttp client : hostile) {
            client.close();
        }
        peers.close();
        boolean alive = broker.isAlive();
        broker.destroyForcibly();
        assertTrue(broker.waitFor(20, TimeUnit.SECONDS));
        assertTrue(alive, Files.readString(log()));
    }

    @Test
    void shouldOutliveManyClientsThatDoNotReadTheirAnswers() throws Exception {
        byte[] answer = new byte[8 * MIB];
        for (int i = 0; i < CLIENTS; i++) {
            connect().send("POST /services/big HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
            assertEquals("x", worker.recvStr(), () -> "request; log: " + readLog());
            worker.send(answer);
        }
        serveABystander();
    }

    @Test
    void shouldOutliveManyRequestsThatStayUnfinished() throws Exception {
        String body = "a".repeat(15 * MIB);
        for (int i = 0; i < CLIENTS; i++) {
            try {
                connect()
                        .send("POST /services/big HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + 16 * MIB
                                + "\r\n\r\n")
                        .send(body);
            } catch (IOException refused) {
                assertTrue(broker.isAlive(), readLog());
            }
        }
        serveABystander();
    }

    @Test
    void shouldOutliveManyHeadsThatStayUnfinished() throws Exception {
        String head = "POST /services/big HTTP/1.1\r\nHost: localhost\r\n" + "a:\r\n".repeat(5000);
        for (int i = 0; i < 300; i++) {
            try {
                connect().send(head);
            } catch (IOException refused) {
                assertTrue(broker.isAlive(), readLog());
            }
        }
        serveABystander();
    }

    private void serveABystander() throws IOException {
        RawHttp bystander = connect();
        bystander.send("POST /services/big HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
        assertEquals("hello", worker.recvStr(), () -> "request; log: " + readLog());
        worker.send("world");
        assertEquals("world", bystander.response().body());
    }

    private RawHttp connect() throws IOException {
        RawHttp client = new RawHttp(http);
        hostile.add(client);
        return client;
    }

    private Path log() {
        return dir.resolve("log");
    }

    private String readLog() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            return "unreadable: " + e;
        }
    }
}
