package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.COMMAND;
import static io.jackfield.broker.transport.zmtp.Wire.LONG;
import static io.jackfield.broker.transport.zmtp.Wire.MORE;
import static io.jackfield.broker.transport.zmtp.Wire.ready;
import static io.jackfield.broker.transport.zmtp.Wire.wire;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.SmallBroker;
import io.jackfield.broker.transport.ZmqPeers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * What kills brokers that trust their peers, against a whole broker with 64 MiB of heap and 64 MiB of direct memory and no limit but those
 * that hold by default: it stays up, and serves a bystander while the hostile connections are open.
 */
@Timeout(180)
class HostileMemoryTest {
    private static final byte[] GREETING = Wire.greeting();
    private static final byte[] OPENING =
            wire().raw(GREETING).frame(COMMAND, ready("Socket-Type", "DEALER")).bytes();
    private static final int MIB = 1 << 20;

    @TempDir
    Path dir;

    private final List<RawPeer> hostile = new ArrayList<>();
    private SmallBroker broker;
    private String forAll;
    private ZmqPeers bystanders;
    private ZMQ.Socket client;
    private ZMQ.Socket worker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = SmallBroker.start(
                dir,
                """
                endpoints:
                  - { bind: "tcp://127.0.0.1:0", service: bystander }
                  - { bind: "tcp://127.0.0.1:0", service: nobody, task-queue-length-max: 1 }
                http: { bind: "off" }
                """,
                "-XX:MaxDirectMemorySize=64m");
        forAll = broker.address(1);
        bystanders = new ZmqPeers();
        worker = bystanders.connected(SocketType.REP, broker.address(0));
        client = bystanders.connected(SocketType.REQ, broker.address(0));
        askAsBystander();
    }

    @AfterEach
    void endBroker() throws Exception {
        for (RawPeer peer : hostile) {
            peer.close();
        }
        bystanders.close();
        broker.close();
    }

    @Test
    void shouldOutliveLengthsBelowZero() throws Exception {
        for (int i = 0; i < 50; i++) {
            attack(wire().raw(GREETING).header(COMMAND | LONG, -1).bytes());
            attack(wire().raw(OPENING).header(LONG, -1).bytes());
            attack(wire().raw(OPENING).header(LONG, Long.MIN_VALUE).bytes());
        }
        askAsBystander();
    }

    @Test
    void shouldOutliveLengthsThatAreOnlyDeclared() throws Exception {
        for (int i = 0; i < 100; i++) {
            attack(wire().raw(GREETING).header(LONG, Long.MAX_VALUE).bytes());
            attack(wire().raw(GREETING).header(COMMAND | LONG, 16 * MIB).bytes());
            attack(wire().raw(OPENING).header(LONG, 1L << 40).bytes());
            attack(wire().raw(OPENING).header(LONG, 16 * MIB).bytes());
        }
        askAsBystander();
    }

    @Test
    void shouldOutliveManyPeersThatSendAPartOfWhatTheyDeclare() throws Exception {
        byte[] part =
                wire().raw(OPENING).header(LONG, 16 * MIB).raw(new byte[MIB]).bytes();
        for (int i = 0; i < 200; i++) {
            attack(part);
            if (i % 50 == 0) {
                askAsBystander();
            }
        }
        askAsBystander();
    }

    @Test
    void shouldOutliveMessagesThatNeverEnd() throws Exception {
        byte[] frame = wire().frame(MORE | LONG, new byte[256 * 1024]).bytes();
        byte[] empty = new byte[2 * 100_000];
        for (int i = 0; i < empty.length; i += 2) {
            empty[i] = MORE;
        }
        for (int peer = 0; peer < 20; peer++) {
            RawPeer endless = attack(OPENING);
            for (int i = 0; i < 60; i++) {
                endless.sendWhileOpen(frame);
            }
            attack(wire().raw(OPENING).raw(empty).bytes());
        }
        askAsBystander();
    }

    @Test
    void shouldOutliveNonsenseAndRestAfterwards() throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] noise = new byte[random.nextInt(4000)];
            random.nextBytes(noise);
            attack(wire().raw(random.nextBoolean() ? OPENING : GREETING)
                    .raw(noise)
                    .bytes());
            attack(wire().raw(OPENING).frame(COMMAND, "\4PING").bytes());
            attack(wire().raw(OPENING).frame(COMMAND, "").bytes());
        }
        askAsBystander();
        assertTrue(rests(), "it is busy with nothing");
        askAsBystander();
    }

    /** Whether a second comes in which it does next to nothing: its compilers may have work left from before. */
    private boolean rests() throws Exception {
        for (int i = 0; i < 30; i++) {
            Duration before = broker.cpuTime();
            assertFalse(broker.ends(1), "the broker ended");
            if (broker.cpuTime().minus(before).toMillis() < 250) {
                return true;
            }
        }
        return false;
    }

    @Test
    void shouldOutlivePeersThatReadNothing() throws Exception {
        Wire pings = wire();
        for (int i = 0; i < 40_000; i++) {
            pings.ping("sixteen bytes...");
        }
        byte[] many = pings.bytes();
        List<RawPeer> mute = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            mute.add(attack(OPENING));
        }
        for (int i = 0; i < 15; i++) {
            mute.forEach(peer -> peer.sendWhileOpen(many));
            askAsBystander();
        }
        assertTrue(broker.log().contains("OUTPUT_BYTES: "), broker.log());
    }

    @Test
    void shouldOutliveRequestsThatNobodyServes() throws Exception {
        byte[] request =
                wire().frame(MORE, "").frame(LONG, new byte[512 * 1024]).bytes();
        for (int i = 0; i < 200; i++) {
            attack(wire().raw(GREETING)
                    .frame(COMMAND, ready("Socket-Type", "REQ"))
                    .raw(request)
                    .bytes());
        }
        askAsBystander();
    }

    @Test
    void shouldOutlivePushersThatAreNotReadFrom() throws Exception {
        byte[] tasks = wire().raw(GREETING)
                .frame(COMMAND, ready("Socket-Type", "PUSH"))
                .frame(0, "task")
                .frame(LONG, new byte[16 * 1024])
                .bytes();
        for (int i = 0; i < 4_000 && !broker.log().contains("INPUT_BYTES: "); i++) {
            attack(tasks);
            if (i % 1_000 == 0) {
                askAsBystander();
            }
        }
        while (!broker.log().contains("INPUT_BYTES: ")) { // until it has read them all, or the test's time is over
            askAsBystander();
        }
        askAsBystander();
    }

    private RawPeer attack(byte[] bytes) throws Exception {
        RawPeer peer = new RawPeer(forAll);
        hostile.add(peer);
        peer.sendWhileOpen(bytes);
        return peer;
    }

    private void askAsBystander() throws Exception {
        assertTrue(client.send("question"));
        assertEquals("question", worker.recvStr(), broker.log());
        assertTrue(worker.send("answer"));
        assertEquals("answer", client.recvStr(), broker.log());
    }
}
