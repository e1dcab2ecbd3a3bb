package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.SmallBroker;
import io.jackfield.broker.transport.ZmqPeers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    private SmallBroker broker;
    private InetSocketAddress http;
    private ZMQ.Socket worker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = SmallBroker.start(
                dir,
                """
                endpoints: [{ bind: "tcp://127.0.0.1:0", service: big }]
                http: { bind: "127.0.0.1:0" }
                """);
        worker = peers.connected(SocketType.REP, broker.address(0));
        URI address = URI.create(broker.address(1));
        http = new InetSocketAddress(address.getHost(), address.getPort());
    }

    @AfterEach
    void endBroker() throws Exception {
        for (RawHttp client : hostile) {
            client.close();
        }
        peers.close();
        broker.close();
    }

    @Test
    void shouldOutliveManyClientsThatDoNotReadTheirAnswers() throws Exception {
        byte[] answer = new byte[8 * MIB];
        for (int i = 0; i < CLIENTS; i++) {
            connect().send("POST /services/big HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
            assertEquals("x", worker.recvStr(), () -> "request; log: " + broker.log());
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
                assertTrue(broker.isAlive(), broker.log());
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
                assertTrue(broker.isAlive(), broker.log());
            }
        }
        serveABystander();
    }

    private void serveABystander() throws IOException {
        RawHttp bystander = connect();
        bystander.send("POST /services/big HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
        assertEquals("hello", worker.recvStr(), () -> "request; log: " + broker.log());
        worker.send("world");
        assertEquals("world", bystander.response().body());
    }

    private RawHttp connect() throws IOException {
        RawHttp client = new RawHttp(http);
        hostile.add(client);
        return client;
    }
}
