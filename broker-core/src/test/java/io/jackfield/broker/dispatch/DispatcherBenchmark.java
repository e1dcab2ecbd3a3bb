package io.jackfield.broker.dispatch;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.ReplyRoute;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** One request through the dispatcher, its reply included, while a window of others is in the worker's hands. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DispatcherBenchmark {
    private static final String SERVICE = "bench";
    private static final Reply REPLY = Reply.of(Frames.ONE_EMPTY);

    /** Requests in flight. */
    @Param({"1", "256"})
    public int window;

    private final Queue<Long> tokens = new ArrayDeque<>();
    private final Counter counter = new Counter();
    private Dispatcher dispatcher = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);
    private WorkerSession session = register();

    private static final class Counter implements ReplyRoute {
        private long ended;

        @Override
        public void partial(Reply reply) {
            throw new IllegalStateException("a partial reply (expected: final ones only)");
        }

        @Override
        public void complete(Reply reply) {
            ended++;
        }

        @Override
        public void fail(Failure failure) {
            throw new IllegalStateException(failure.errorLine());
        }
    }

    private final class Holding implements Worker {
        @Override
        public String description() {
            return "benchmark";
        }

        @Override
        public void assign(Assignment assignment) {
            tokens.add(assignment.token());
        }

        @Override
        public void cancel(Assignment assignment) {
            throw new IllegalStateException("a cancelled request");
        }

        @Override
        public void expel(Assignment assignment, String reason) {
            throw new IllegalStateException(reason);
        }
    }

    private WorkerSession register() {
        try {
            return dispatcher.register(new Holding(), SERVICE, DispatchLimits.DEFAULT.workerCreditMax());
        } catch (RefusedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All of the window but the one that is measured. */
    @Setup
    public void fill() {
        tokens.clear();
        dispatcher = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);
        session = register();
        session.start();
        for (int i = 1; i < window; i++) {
            ask();
        }
    }

    /** A request comes, the worker gets it, and answers the oldest that it has. */
    @Benchmark
    public void requestAndReply(Blackhole seen) {
        ask();
        session.reply(tokens.remove(), REPLY);
        seen.consume(counter.ended);
    }

    private void ask() {
        dispatcher.accept(new Envelope(SERVICE, Headers.EMPTY, Frames.ONE_EMPTY, Traits.PLAIN, counter));
    }
}
