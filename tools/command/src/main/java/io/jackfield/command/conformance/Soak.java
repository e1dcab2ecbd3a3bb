package io.jackfield.command.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jackfield.api.Reply;
import io.jackfield.command.Child;
import io.jackfield.command.Children;
import io.jackfield.kit.Call;
import io.jackfield.kit.Client;
import io.jackfield.kit.RequestFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Many requests through workers of every kit, of which one is killed every second: every request must end exactly once. Half of the
 * requests may be carried out twice, and none of those may be lost.
 */
public final class Soak {
    private static final int WINDOW = 256;
    private static final long KILL_EVERY_MS = 1_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int CREDIT = 16;

    private final Path home;
    private final Path folder;
    private final List<Kit> kits;
    private final long requests;
    private final Consumer<String> progress;
    private final Semaphore window = new Semaphore(WINDOW);
    private final LongAdder ended = new LongAdder();
    private final LongAdder endedTwice = new LongAdder();
    private final LongAdder wrong = new LongAdder();
    private final LongAdder lostAlthoughIdempotent = new LongAdder();
    private final Map<String, AtomicLong> outcomes = new ConcurrentSkipListMap<>();
    private long kills;

    /** @param progress told now and then how far it is */
    public Soak(Path home, Path folder, List<Kit> kits, long requests, Consumer<String> progress) {
        this.home = home;
        this.folder = folder;
        this.kits = kits;
        this.requests = requests;
        this.progress = progress;
    }

    /**
     * What came of it.
     *
     * @param outcomes how often each: {@code replied}, or the name of a failure
     * @param wrong replies that were not the request's own
     * @param lostAlthoughIdempotent requests that another worker should have answered
     */
    public record Result(
            long requests,
            long ended,
            long endedTwice,
            long wrong,
            long lostAlthoughIdempotent,
            long kills,
            long tookMs,
            Map<String, Long> outcomes) {
        /** True if every request ended exactly once, with its own answer or a failure that may be. */
        public boolean held() {
            return ended == requests && endedTwice == 0 && wrong == 0 && lostAlthoughIdempotent == 0;
        }
    }

    /** Sends everything and waits for the last end. */
    public Result run() throws IOException, InterruptedException {
        long begunNs = System.nanoTime();
        List<String> services = Pair.SERVICES.stream().map(Pair::service).toList();
        try (Children children = new Children(folder)) {
            TestBroker broker = new TestBroker(children, home, folder, "broker", services);
            try (Client client = Client.connect(broker.endpoint())) {
                List<Child> workers = new ArrayList<>();
                for (int i = 0; i < kits.size() * 2; i++) {
                    workers.add(worker(children, broker, i));
                }
                Thread sender = new Thread(() -> send(client), "soak-sender");
                sender.start();
                killAndReplace(children, broker, workers, sender);
                sender.join();
                window.tryAcquire(WINDOW, TIMEOUT.toSeconds() * 2, TimeUnit.SECONDS);
            } finally {
                children.kill();
            }
        }
        Map<String, Long> counts = new TreeMap<>();
        outcomes.forEach((name, count) -> counts.put(name, count.get()));
        long tookMs = (System.nanoTime() - begunNs) / 1_000_000;
        return new Result(
                requests,
                ended.sum(),
                endedTwice.sum(),
                wrong.sum(),
                lostAlthoughIdempotent.sum(),
                kills,
                tookMs,
                counts);
    }

    private Child worker(Children children, TestBroker broker, int number) throws IOException, InterruptedException {
        Kit kit = kits.get(number % kits.size());
        String name = "worker-" + number + "-" + kit.text();
        return kit.worker(home, List.of(broker.endpoint()), "conf", CREDIT).start(name, children, line -> {});
    }

    private void killAndReplace(Children children, TestBroker broker, List<Child> workers, Thread sender)
            throws IOException, InterruptedException {
        int next = 0;
        while (sender.isAlive()) {
            sender.join(KILL_EVERY_MS);
            if (sender.isAlive()) {
                int victim = next++ % workers.size();
                workers.get(victim).kill();
                kills++;
                workers.set(victim, worker(children, broker, victim));
                progress.accept(ended.sum() + " of " + requests + " requests have ended, " + kills + " workers killed");
            }
        }
    }

    private void send(Client client) {
        for (long i = 0; i < requests; i++) {
            window.acquireUninterruptibly();
            ask(client, i);
        }
    }

    private void ask(Client client, long number) {
        boolean idempotent = number % 2 == 0;
        String body = Long.toString(number);
        Call call = Call.of(Pair.service(idempotent ? "echo-again" : "echo"), body.getBytes(US_ASCII))
                .withTimeout(TIMEOUT);
        AtomicLong ends = new AtomicLong();
        CompletableFuture<Reply> unused = client.send(idempotent ? call.asIdempotent() : call)
                .whenComplete((reply, failure) -> {
                    if (ends.incrementAndGet() > 1) {
                        endedTwice.increment();
                        return;
                    }
                    ended.increment();
                    note(body, idempotent, reply, failure);
                    window.release();
                });
    }

    private void note(String body, boolean idempotent, @Nullable Reply reply, @Nullable Throwable failure) {
        String outcome = "replied";
        if (reply == null) {
            outcome = failure instanceof RequestFailedException failed
                    ? failed.code().name()
                    : String.valueOf(failure);
            if (idempotent) {
                lostAlthoughIdempotent.increment();
            }
        } else if (!new String(reply.body(), US_ASCII).equals(body)) {
            wrong.increment();
        }
        outcomes.computeIfAbsent(outcome, name -> new AtomicLong()).incrementAndGet();
    }
}
