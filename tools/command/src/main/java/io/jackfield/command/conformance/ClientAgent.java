package io.jackfield.command.conformance;

import io.jackfield.command.Child;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A client of the kit under test: asks what it is told to, and what comes back is told. Safe for any thread. */
final class ClientAgent {
    private static final long WAIT_S = 40;

    private final Map<String, Asked> calls = new ConcurrentHashMap<>();
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicInteger strays = new AtomicInteger();

    /** Set by {@link #over}, before anything is asked. */
    private volatile Child program;

    private ClientAgent(Child notYet) {
        this.program = notYet;
    }

    /** Starts the agent. */
    interface Starter {
        Child start(Consumer<String> told) throws IOException, InterruptedException;
    }

    @SuppressWarnings("NullAway") // nothing is asked before the program is there
    static ClientAgent over(Starter starter) throws IOException, InterruptedException {
        ClientAgent agent = new ClientAgent(null);
        agent.program = starter.start(agent::told);
        return agent;
    }

    /** One request: what has come of it. */
    static final class Asked {
        final String tag;
        private final List<String> partials = new CopyOnWriteArrayList<>();
        private final CompletableFuture<String> end = new CompletableFuture<>();

        private Asked(String tag) {
            this.tag = tag;
        }

        /** The final line without its tag: {@code done FLAGS BODY ...} or {@code fail CODE}. */
        String end() throws InterruptedException {
            try {
                return end.get(WAIT_S, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw new Broken("the request " + tag + " had no end within " + WAIT_S + " s");
            } catch (ExecutionException e) {
                throw new IllegalStateException("completed with lines only", e);
            }
        }

        boolean isOver() {
            return end.isDone();
        }

        List<String> partials() {
            return List.copyOf(partials);
        }

        void expect(String expected) throws InterruptedException {
            Broken.unlessEqual("the answer", expected, end());
        }

        void expect(ErrorCode expected) throws InterruptedException {
            expect("fail " + expected.number());
        }
    }

    Asked ask(String service, String body) throws IOException {
        return ask(service, body, 30_000, "-");
    }

    /**
     * @param flags {@code i}: idempotent, {@code -}: not
     * @param more headers, as {@code name=value}
     */
    Asked ask(String service, String body, long timeoutMs, String flags, String... more) throws IOException {
        Asked asked = new Asked("r" + number.incrementAndGet());
        calls.put(asked.tag, asked);
        String line = "call " + asked.tag + " " + service + " " + timeoutMs + " " + flags + " " + body;
        program.send(more.length == 0 ? line : line + " " + String.join(" ", more));
        return asked;
    }

    void cancel(Asked asked) throws IOException {
        program.send("cancel " + asked.tag);
    }

    /** Ends that came for requests that had ended before. */
    int strays() {
        return strays.get();
    }

    void kill() {
        program.kill();
    }

    private void told(String line) {
        String[] words = line.split(" ", 3);
        Asked asked = words.length == 3 ? calls.get(words[1]) : null;
        if (asked == null) {
            return; // what a kit logs on its standard output; it is in the agent's log
        }
        if (words[0].equals("part")) {
            asked.partials.add(words[2]);
        } else if (!asked.end.complete(words[0] + " " + words[2])) {
            strays.incrementAndGet();
        }
    }
}
