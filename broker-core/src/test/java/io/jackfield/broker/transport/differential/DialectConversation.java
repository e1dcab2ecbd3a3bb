package io.jackfield.broker.transport.differential;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.peer.EndpointPeers;
import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.peer.PeerLimits;
import io.jackfield.broker.peer.PeerLog;
import io.jackfield.broker.peer.PeerRegistry;
import io.jackfield.broker.transport.TransportContract.Fixture;
import io.jackfield.broker.transport.differential.DialectWorker.Task;
import io.jackfield.broker.transport.differential.Wire.Form;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Clients and workers of all dialects that a ROUTER can serve, on the real dispatcher. Each step is waited for, so that what happens next
 * does not depend on who is faster. One thread.
 */
final class DialectConversation implements AutoCloseable {
    private static final int STEPS = 30;
    private static final int PEERS_MAX = 5;
    private static final long WAIT_S = 20;
    private static final List<String> SERVICES = List.of("default", "one", "two");
    private static final List<Form> WORKER_FORMS = List.of(Form.MDP, Form.JF1_RAW, Form.JF1_KRYO);
    private static final List<Form> CLIENT_FORMS = List.of(Form.PLAIN, Form.MDP, Form.JF1_RAW, Form.JF1_KRYO);
    private static final PeerLimits LIMITS = new PeerLimits(10_000, 100, 16 << 20, 60_000, 3);

    private final Random random;
    private final Fixture fixture;
    private final Dispatcher dispatcher;
    private final PeerRegistry registry;
    private final String address;
    private final List<DialectWorker> workers = new ArrayList<>();
    private final List<DialectClient> clients = new ArrayList<>();
    private final List<String> transcript = new ArrayList<>();
    private int named;
    private int connected;

    DialectConversation(Fixture fixture, long seed) throws Exception {
        this.random = new Random(seed);
        this.fixture = fixture;
        this.dispatcher = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);
        this.registry = new PeerRegistry(dispatcher, LIMITS, "broker", PeerLog.toLogger(), 0);
        this.address = fixture.transport()
                .bind("tcp://127.0.0.1:0", new EndpointPeers(EndpointSettings.named("any"), registry))
                .address();
    }

    List<String> play() throws Exception {
        for (int step = 0; step < STEPS; step++) {
            int what = random.nextInt(10);
            if (workers.isEmpty() || (what == 0 && workers.size() < PEERS_MAX)) {
                workerJoins();
            } else if (clients.isEmpty() || (what == 1 && clients.size() < PEERS_MAX)) {
                clientComes();
            } else if (what == 2) {
                leaves(workers.remove(random.nextInt(workers.size())));
            } else if (what == 3) {
                leaves(clients.remove(random.nextInt(clients.size())));
            } else {
                asks(clients.get(random.nextInt(clients.size())));
            }
        }
        return transcript;
    }

    @Override
    public void close() throws IOException {
        for (DialectWorker worker : workers) {
            worker.wire.close();
        }
        for (DialectClient client : clients) {
            client.wire.close();
        }
    }

    private void workerJoins() throws Exception {
        Form form = WORKER_FORMS.get(random.nextInt(WORKER_FORMS.size()));
        ZmtpSocket socket = new ZmtpSocket(ZmtpSocket.Type.DEALER, address, "");
        DialectWorker worker =
                new DialectWorker("worker " + ++named, SERVICES.get(random.nextInt(SERVICES.size())), socket, form);
        worker.join();
        connected++;
        await("the worker is known", () -> dispatcher.snapshot().workers().size() == workers.size() + 1);
        workers.add(worker);
        note(worker.name + " serves " + worker.service);
    }

    /** Its first words are a question that the broker itself answers, so that it is known from then on. */
    private void clientComes() throws Exception {
        ZmtpSocket.Type type = random.nextBoolean() ? ZmtpSocket.Type.REQ : ZmtpSocket.Type.DEALER;
        Form form = CLIENT_FORMS.get(random.nextInt(CLIENT_FORMS.size()));
        DialectClient client = new DialectClient("client " + ++named, new ZmtpSocket(type, address, ""), form);
        if (client.isPlain()) {
            if (serving("default").isEmpty()) {
                client.wire.close(); // nobody would answer it, and it would wait
                return;
            }
            served(client, "default");
        } else {
            client.ask(client.isJf1() ? "unknown" : "mmi.service", List.of(Wire.bytes("one")));
            note(client.name + " heard" + client.hear());
        }
        connected++;
        clients.add(client);
    }

    private void asks(DialectClient client) throws Exception {
        String service = client.isPlain() ? "default" : SERVICES.get(random.nextInt(SERVICES.size()));
        if (serving(service).isEmpty()) {
            return;
        }
        switch (random.nextInt(8)) {
            case 0 -> losesItsWorker(client, service);
            case 1 -> losesItsClient(client, service);
            case 2 -> fails(client, service);
            default -> served(client, service);
        }
    }

    private void served(DialectClient client, String service) throws Exception {
        Taken taken = given(client, service);
        List<byte[]> body = body();
        for (int partial = client.bearsPartialReplies() ? random.nextInt(3) : 0; partial > 0; partial--) {
            taken.worker.partial(taken.task, body());
        }
        taken.worker.reply(taken.task, body, 0);
        note(client.name + " heard" + client.hear());
    }

    private void fails(DialectClient client, String service) throws Exception {
        Taken taken = given(client, service);
        if (taken.worker.knowsCancel()) {
            taken.worker.fail(taken.task, ErrorCode.HANDLER_FAILED);
        } else {
            taken.worker.reply(taken.task, body(), 0);
        }
        note(client.name + " heard" + client.hear());
    }

    private void losesItsWorker(DialectClient client, String service) throws Exception {
        Taken taken = given(client, service);
        workers.remove(taken.worker);
        leaves(taken.worker);
        note(client.name + " heard" + client.hear());
    }

    /** A JF1 worker is told, and says so; another's late answer is nobody's. */
    private void losesItsClient(DialectClient client, String service) throws Exception {
        Taken taken = given(client, service);
        clients.remove(client);
        leaves(client);
        if (taken.worker.knowsCancel()) {
            if (taken.worker.wire.message().command() != Command.CANCEL) {
                throw new AssertionError("not CANCEL");
            }
            note(taken.worker.name + " was told to stop");
            taken.worker.fail(taken.task, ErrorCode.CANCELLED);
        } else {
            taken.worker.reply(taken.task, body(), 0);
        }
        await("nothing is in flight", () -> dispatcher.snapshot().workers().stream()
                .allMatch(w -> w.inFlight() == 0));
    }

    private record Taken(DialectWorker worker, Task task) {}

    /** Asks, and finds the worker that was given the request. */
    private Taken given(DialectClient client, String service) throws Exception {
        client.ask(service, body());
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (System.nanoTime() < deadlineNs) {
            for (DialectWorker worker : serving(service)) {
                Optional<Task> task = worker.task();
                if (task.isPresent()) {
                    note(worker.name + " was given " + task.get().text());
                    return new Taken(worker, task.get());
                }
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("no worker was given a request for " + service + ", so far: " + transcript);
    }

    private List<DialectWorker> serving(String service) {
        return workers.stream().filter(worker -> worker.service.equals(service)).toList();
    }

    private void leaves(DialectWorker worker) throws Exception {
        worker.wire.close();
        gone(worker.name);
    }

    private void leaves(DialectClient client) throws Exception {
        client.wire.close();
        gone(client.name);
    }

    private void gone(String name) throws Exception {
        connected--;
        await(name + " is gone", () -> registry.count() == connected);
        note(name + " left");
    }

    private List<byte[]> body() {
        List<byte[]> body = new ArrayList<>();
        for (int parts = 1 + random.nextInt(3); parts > 0; parts--) {
            byte[] part = new byte[random.nextInt(10) == 0 ? random.nextInt(300_000) : random.nextInt(600)];
            random.nextBytes(part);
            body.add(part);
        }
        return body;
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (!onLoop(condition)) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not so after " + WAIT_S + " s: " + what + ", so far: " + transcript);
            }
        }
    }

    private <T> T onLoop(Callable<T> question) throws Exception {
        CompletableFuture<T> answer = new CompletableFuture<>();
        fixture.loop().post(() -> {
            try {
                answer.complete(question.call());
            } catch (Exception | Error failure) {
                answer.completeExceptionally(failure);
            }
        });
        return answer.get(WAIT_S, TimeUnit.SECONDS);
    }

    private void note(String line) {
        transcript.add(line);
    }
}
