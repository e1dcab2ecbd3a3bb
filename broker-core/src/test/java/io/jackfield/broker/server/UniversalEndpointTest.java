package io.jackfield.broker.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.jackfield.broker.server.config.BrokerConfig;
import io.jackfield.broker.server.config.ConfigReader;
import io.jackfield.broker.transport.ZmqPeers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** One port of a real broker, and JeroMQ sockets of every type. */
final class UniversalEndpointTest {
    private static final long WAIT_S = 20;
    private static final int QUIET_MS = 50;

    /** The one with the system's own pyzmq, on libzmq. */
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir
    Path dir;

    private final ZmqPeers zmq = new ZmqPeers();
    private final Map<SocketType, ZMQ.Socket> all = new EnumMap<>(SocketType.class);
    private Broker broker;
    private String address;

    /** Asks the broker what it sees. */
    private ZMQ.Socket observer;

    @BeforeEach
    void start() throws Exception {
        start("");
    }

    @AfterEach
    void stop() {
        zmq.close();
        broker.close();
    }

    @Test
    void shouldServeElevenSocketTypesAtOnce() throws Exception {
        for (SocketType type : List.of(
                SocketType.REQ,
                SocketType.DEALER,
                SocketType.REP,
                SocketType.ROUTER,
                SocketType.PUB,
                SocketType.XPUB,
                SocketType.PUSH,
                SocketType.PULL,
                SocketType.PAIR)) {
            all.put(type, zmq.connected(type, address));
        }
        ZMQ.Socket secondPair = zmq.connected(SocketType.PAIR, address);
        all.put(SocketType.SUB, subscriber("a"));
        all.put(SocketType.XSUB, zmq.connected(SocketType.XSUB, address));
        one(SocketType.XSUB).send(new byte[] {1, 'x'});
        awaitPeers(12);

        askAndAnswer();
        publish();
        one(SocketType.PUSH).send("task");
        assertEquals("task", one(SocketType.PULL).recvStr());
        one(SocketType.PAIR).send("to the other");
        assertEquals("to the other", secondPair.recvStr());
        secondPair.send("and back");
        assertEquals("and back", one(SocketType.PAIR).recvStr());
    }

    private ZMQ.Socket one(SocketType type) {
        return Objects.requireNonNull(all.get(type));
    }

    /** The two workers take a request each, whoever asks; each gives its own name back. */
    private void askAndAnswer() {
        ZMQ.Socket dealer = one(SocketType.DEALER);
        one(SocketType.REQ).send("question");
        dealer.send("question");
        ZMQ.Socket rep = one(SocketType.REP);
        assertEquals("question", rep.recvStr());
        rep.send("answer");
        ZMQ.Socket router = one(SocketType.ROUTER);
        byte[] broker = router.recv();
        byte[] token = router.recv();
        byte[] next = router.recv();
        byte[] body = next.length == 0 ? router.recv() : next;
        assertEquals("question", new String(body, UTF_8));
        router.sendMore(broker);
        router.sendMore(token);
        if (next.length == 0) {
            router.sendMore(next);
        }
        router.send("answer");

        assertEquals("answer", one(SocketType.REQ).recvStr());
        assertEquals("answer", dealer.recvStr());
    }

    /** A PUB is asked by message, for JeroMQ says that it speaks ZMTP 3.0; an XPUB shows what it was asked for. */
    private void publish() {
        ZMQ.Socket xpub = one(SocketType.XPUB);
        List<String> asked = new ArrayList<>(List.of(text(xpub.recv()), text(xpub.recv())));
        asked.sort(String::compareTo);
        assertEquals(List.of("+a", "+x"), asked);
        ZMQ.Socket sub = one(SocketType.SUB);
        sendUntilHeard(one(SocketType.PUB), "a from PUB", sub);
        xpub.send("a from XPUB");
        assertEquals("a from XPUB", nextOther(sub, "a from PUB"));
        xpub.send("b, which nobody wants");
        xpub.send("x from XPUB");
        assertEquals("x from XPUB", one(SocketType.XSUB).recvStr());
        one(SocketType.XSUB).send(new byte[] {0, 'x'});
        assertEquals("-x", text(xpub.recv()));
    }

    @Test
    void shouldAskPublishersThatComeBeforeAndAfterTheirSubscribers() throws Exception {
        ZMQ.Socket early = zmq.connected(SocketType.XPUB, address);
        awaitPeers(1);
        ZMQ.Socket sub = subscriber("topic");
        assertEquals("+topic", text(early.recv()));
        ZMQ.Socket late = zmq.connected(SocketType.XPUB, address);
        assertEquals("+topic", text(late.recv()));
        early.send("topic 1");
        assertEquals("topic 1", sub.recvStr());
        late.send("topic 2");
        assertEquals("topic 2", sub.recvStr());
        sub.close();

        assertEquals("-topic", text(early.recv()));
        assertEquals("-topic", text(late.recv()));
    }

    @Test
    void shouldSubscribeToThousandsOfTopics() throws Exception {
        int topics = 5_000;
        String[] all = new String[topics];
        for (int i = 0; i < topics; i++) {
            all[i] = String.format("topic-%05d|", i);
        }
        ZMQ.Socket sub = subscriber(all);
        ZMQ.Socket pub = zmq.connected(SocketType.XPUB, address);
        for (int i = 0; i < topics; i++) {
            assertNotNull(pub.recv());
        }
        for (int i = 0; i < topics; i++) {
            pub.send(String.format("topic-%05d|news", i));
            pub.send(String.format("other-%05d|news", i));
        }
        for (int i = 0; i < topics; i++) {
            assertEquals(String.format("topic-%05d|news", i), sub.recvStr());
        }
    }

    @Test
    void shouldNotLetASlowSubscriberHoldUpAFastOne() throws Exception {
        restart("limits: {subscriber-output-bytes-max: 1MiB}\n");
        int count = 4_000;
        ZMQ.Socket slow = subscriber("");
        ZMQ.Socket fast = subscriber("");
        ZMQ.Socket pub = zmq.connected(SocketType.XPUB, address);
        assertEquals("+", text(pub.recv()));
        byte[] message = new byte[16 * 1024];
        for (int i = 0; i < count; i++) {
            pub.send(message);
            assertEquals(message.length, fast.recv().length);
        }

        JsonNode subscribers = await("messages dropped", () -> {
            JsonNode views = peers("SUB");
            return views.get(0).get("dropped").asLong()
                                    + views.get(1).get("dropped").asLong()
                            > 0
                    ? views
                    : null;
        });
        for (JsonNode view : subscribers) {
            assertTrue(view.get("outputBytes").asLong() <= 1 << 20, view::toString);
        }
        assertEquals(2, peers("SUB").size(), "nobody was cut off");
        assertNotNull(slow.recv());
    }

    @Test
    void shouldCutOffASubscriberThatWantsTooMuch() throws Exception {
        restart("limits: {peer-subscriptions-max: 10}\n");
        ZMQ.Socket sub = zmq.socket(SocketType.SUB);
        sub.setReconnectIVL(60_000);
        for (int i = 0; i < 11; i++) {
            sub.subscribe("topic " + i);
        }
        sub.connect(address);
        ZMQ.Socket pub = zmq.connected(SocketType.XPUB, address);
        pub.setReceiveTimeOut(QUIET_MS);
        await("the end", () -> (peers("SUB").isEmpty() && peers("XPUB").size() == 1) ? true : null);
        List<String> asked = new ArrayList<>();
        for (byte[] ask = pub.recv(); ask != null; ask = pub.recv()) {
            asked.add(text(ask));
        }

        assertEquals(
                asked.stream().filter(ask -> ask.startsWith("+")).count(),
                asked.stream().filter(ask -> ask.startsWith("-")).count());
    }

    /** More than the queue, the sockets' buffers and JeroMQ's queues hold; the ventilator goes before anybody pulls. */
    @ParameterizedTest
    @ValueSource(ints = {100, 20_000})
    void shouldLoseNoTaskToBackPressure(int bytes) throws Exception {
        restart("endpoints: [{bind: 'tcp://127.0.0.1:0', task-queue-length-max: 50, task-queue-bytes-max: 1MiB}]\n");
        int count = 20_000_000 / (bytes + 900);
        Thread ventilator = new Thread(() -> {
            try (ZmqPeers own = new ZmqPeers()) {
                ZMQ.Socket push = own.connected(SocketType.PUSH, address);
                push.setLinger(-1);
                byte[] task = new byte[bytes];
                for (int i = 0; i < count; i++) {
                    byte[] numbered = task.clone();
                    System.arraycopy(Integer.toString(1_000_000 + i).getBytes(UTF_8), 0, numbered, 0, 7);
                    assertTrue(push.send(numbered));
                }
            }
        });
        ventilator.start();
        await("a full queue", () -> {
            JsonNode views = peers("PUSH");
            return views.size() == 1 ? views : null;
        });
        BitSet seen = new BitSet();
        ZMQ.Socket[] pulls = {zmq.connected(SocketType.PULL, address), zmq.connected(SocketType.PULL, address)};
        for (ZMQ.Socket pull : pulls) {
            pull.setReceiveTimeOut(0);
        }
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(3 * WAIT_S);
        for (int taken = 0; taken < count; ) {
            for (ZMQ.Socket pull : pulls) {
                byte[] task = pull.recv();
                if (task != null) {
                    seen.set(Integer.parseInt(new String(task, 0, 7, UTF_8)) - 1_000_000);
                    taken++;
                }
            }
            assertTrue(System.nanoTime() < deadlineNs, "tasks taken: " + taken + " of " + count);
        }
        ventilator.join();

        assertEquals(count, seen.cardinality());
    }

    @Test
    void shouldCloseAThirdPairPeerAndTakeItWhenThereIsRoom() throws Exception {
        ZMQ.Socket one = zmq.connected(SocketType.PAIR, address);
        one.send("early");
        awaitPeers(1);
        ZMQ.Socket two = zmq.connected(SocketType.PAIR, address);
        assertEquals("early", two.recvStr());
        ZMQ.Socket three = zmq.connected(SocketType.PAIR, address);
        three.setReceiveTimeOut(QUIET_MS);
        one.send("for two");
        assertEquals("for two", two.recvStr());
        assertNull(three.recv());
        long id = peers("PAIR").get(1).get("connectionId").asLong();
        two.close();
        await("the end of the second", () -> {
            for (JsonNode view : peers("PAIR")) {
                if (view.get("connectionId").asLong() == id) {
                    return null;
                }
            }
            return true;
        });
        three.setReceiveTimeOut((int) TimeUnit.SECONDS.toMillis(WAIT_S));
        one.send("for three");

        assertEquals("for three", three.recvStr());
    }

    @Test
    void shouldServeLibzmqsSocketsToo() throws Exception {
        restart("endpoints: [{bind: 'tcp://127.0.0.1:0', task-queue-length-max: 100}]\n");
        assumeTrue(python("-c", "import zmq").code() == 0, "no pyzmq in " + PYTHON);
        Path script = Path.of(
                Objects.requireNonNull(getClass().getResource("universal.py")).toURI());
        Outcome outcome = python(script.toString(), address);

        assertEquals(0, outcome.code(), outcome::output);
        assertTrue(outcome.output().startsWith("all eleven"), outcome::output);
    }

    private record Outcome(int code, String output) {}

    private static Outcome python(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(PYTHON));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertTrue(process.waitFor(WAIT_S, TimeUnit.SECONDS), output);
            return new Outcome(process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }

    private void restart(String yaml) throws Exception {
        observer.close();
        broker.close();
        start(yaml);
    }

    private void start(String yaml) throws Exception {
        Path file = Files.writeString(dir.resolve("jackfield.yaml"), yaml);
        Files.createDirectories(dir.resolve("plugins"));
        BrokerConfig config = ConfigReader.read(file);
        List<String> endpoints = yaml.contains("endpoints") ? List.of() : List.of("tcp://127.0.0.1:0");
        config = ConfigReader.overridden(config, endpoints, Optional.of("off"), Optional.empty());
        broker = Broker.start(config, "test", error -> {
            throw error;
        });
        address = broker.addresses().get(0);
        observer = observer();
    }

    /** As {@link #subscriber}. */
    private ZMQ.Socket observer() {
        for (int attempt = 0; attempt < 5; attempt++) {
            ZMQ.Socket socket = zmq.connected(SocketType.DEALER, address);
            socket.setReceiveTimeOut((int) TimeUnit.SECONDS.toMillis(4));
            ask(socket);
            if (ZMsg.recvMsg(socket) != null) {
                return socket;
            }
            socket.close();
        }
        throw new AssertionError("no DEALER socket brought its request");
    }

    private static void ask(ZMQ.Socket socket) {
        socket.sendMore("");
        socket.sendMore("MDPC01");
        socket.sendMore("jf.peers");
        socket.send("");
    }

    /** What the broker says of the peers of that type. */
    private JsonNode peers(String type) throws Exception {
        ArrayNode found = new ObjectMapper().createArrayNode();
        for (JsonNode view : allPeers()) {
            if (view.get("socketType").asText().equals(type)) {
                found.add(view);
            }
        }
        return found;
    }

    private JsonNode allPeers() throws Exception {
        ask(observer);
        for (int frame = 0; frame < 3; frame++) {
            assertNotNull(observer.recv(), "no answer to the observer");
        }
        return new ObjectMapper().readTree(observer.recv()).get("peers");
    }

    private void awaitPeers(int count) throws Exception {
        await(count + " peers", () -> {
            int peers = 0;
            for (JsonNode view : allPeers()) {
                peers += view.get("dialect").asText().equals("mdp-0.1") ? 0 : 1;
            }
            return peers == count ? true : null;
        });
    }

    /**
     * A SUB socket whose subscriptions the broker has. On a busy machine JeroMQ 0.6 now and then ends the handshake and sends nothing:
     * such a socket is left, and another takes its place.
     */
    private ZMQ.Socket subscriber(String... topics) throws Exception {
        for (int attempt = 0; attempt < 5; attempt++) {
            ZMQ.Socket socket = zmq.socket(SocketType.SUB);
            socket.setRcvHWM(topics.length); // small: what a test does not read is to wait in the broker
            for (String topic : topics) {
                socket.subscribe(topic);
            }
            int before = subscriptions();
            socket.connect(address);
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
            while (System.nanoTime() < deadlineNs) {
                if (subscriptions() == before + topics.length) {
                    return socket;
                }
            }
            socket.close();
        }
        throw new AssertionError("no SUB socket brought its subscriptions");
    }

    private int subscriptions() throws Exception {
        int subscriptions = 0;
        for (JsonNode view : allPeers()) {
            subscriptions += view.get("subscriptions").asInt();
        }
        return subscriptions;
    }

    private static <T> T await(String what, Callable<T> question) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        T answer = question.call();
        while (answer == null) {
            assertTrue(System.nanoTime() < deadlineNs, "not so after " + WAIT_S + " s: " + what);
            answer = question.call();
        }
        return answer;
    }

    /** A PUB socket does not say when it has been asked: it drops what it is given before. */
    private static void sendUntilHeard(ZMQ.Socket pub, String text, ZMQ.Socket sub) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        sub.setReceiveTimeOut(QUIET_MS);
        String heard = null;
        while (heard == null) {
            assertTrue(System.nanoTime() < deadlineNs, "never heard: " + text);
            pub.send(text);
            heard = sub.recvStr();
        }
        assertEquals(text, heard);
        sub.setReceiveTimeOut((int) TimeUnit.SECONDS.toMillis(WAIT_S));
    }

    private static String nextOther(ZMQ.Socket sub, String repeated) {
        String heard = sub.recvStr();
        while (repeated.equals(heard)) {
            heard = sub.recvStr();
        }
        return heard;
    }

    /** {@code +topic} or {@code -topic}. */
    private static String text(byte[] subscription) {
        return (subscription[0] == 1 ? "+" : "-") + new String(subscription, 1, subscription.length - 1, UTF_8);
    }
}
