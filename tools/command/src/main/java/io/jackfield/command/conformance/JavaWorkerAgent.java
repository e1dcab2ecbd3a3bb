package io.jackfield.command.conformance;

import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.host.Declared;
import io.jackfield.kit.Worker;
import io.jackfield.kit.WorkerOptions;
import io.jackfield.protocol.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The services that every kit's worker agent serves, with the Java kit. */
final class JavaWorkerAgent {
    private static final long STEP_MS = 10;
    private static final Duration DRAIN = Duration.ofSeconds(30);

    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicInteger refusable = new AtomicInteger();

    private JavaWorkerAgent() {}

    static void run(List<String> endpoints, String prefix, int credit) throws InterruptedException {
        WorkerOptions options = Worker.connect(endpoints.toArray(new String[0]));
        new JavaWorkerAgent().services().forEach((name, handler) -> {
            boolean idempotent = name.endsWith("-again");
            options.service(new Declared(prefix + "." + name, "1.0", 0, credit, idempotent, false), handler);
        });
        Worker worker = options.credit(credit)
                .onReady(() -> {
                    System.out.println("ready");
                    System.out.flush();
                })
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(worker), "drain"));
        new CountDownLatch(1).await(); // the process ends by a signal, through the hook
    }

    private Map<String, Handler> services() {
        return Map.ofEntries(
                Map.entry("echo", (request, context) -> echo(request)),
                Map.entry("echo-again", (request, context) -> echo(request)),
                Map.entry("parts", JavaWorkerAgent::parts),
                Map.entry("exit", (request, context) -> Reply.text("early").withEarlyExit()),
                Map.entry("fail", (request, context) -> fail(request)),
                Map.entry("refuse-once", (request, context) -> refuseOnce()),
                Map.entry("throw", (request, context) -> {
                    throw new IllegalStateException("thrown");
                }),
                Map.entry("sleep", this::sleep),
                Map.entry("sleep-again", this::sleep),
                Map.entry("busy", (request, context) -> busy(request)),
                Map.entry(
                        "deadline",
                        (request, context) ->
                                Reply.text(Long.toString(context.remaining().toMillis()))),
                Map.entry("seen", (request, context) -> Reply.text(Integer.toString(cancelled.get()))));
    }

    private static Reply echo(Request request) {
        Reply reply = Reply.ofParts(request.parts());
        for (Map.Entry<String, String> header : request.headers().entrySet()) {
            if (header.getKey().startsWith("x-")) {
                reply = reply.withHeader(header.getKey(), header.getValue());
            }
        }
        return reply;
    }

    private static Reply parts(Request request, HandlerContext context) {
        int count = Integer.parseInt(request.text());
        for (int i = 1; i <= count; i++) {
            context.partial(Reply.text(Integer.toString(i)));
        }
        return Reply.text("end");
    }

    private static Reply fail(Request request) {
        ErrorCode code = ErrorCode.of(Integer.parseInt(request.text())).orElseThrow();
        throw new HandlerException(code.name(), "asked to fail", "ask less");
    }

    private Reply refuseOnce() {
        if (refusable.getAndIncrement() % 2 == 0) {
            throw new HandlerException(ErrorCode.OVERLOADED.name(), "asked to refuse", "");
        }
        return Reply.text("taken");
    }

    private Reply sleep(Request request, HandlerContext context) {
        long endNs = System.nanoTime() + Long.parseLong(request.text()) * 1_000_000;
        while (System.nanoTime() - endNs < 0) {
            if (context.isCancelled() || !hasPaused()) {
                cancelled.incrementAndGet();
                throw new HandlerException("DEADLINE_EXCEEDED", "cancelled, or too late", "");
            }
        }
        return Reply.text("slept");
    }

    /** False: interrupted, as the host does with a call that was cancelled. */
    private static boolean hasPaused() {
        try {
            Thread.sleep(STEP_MS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Blocks the thread and the kit's, if it has no other. */
    private static Reply busy(Request request) throws InterruptedException {
        Thread.sleep(Long.parseLong(request.text()));
        return Reply.text("done");
    }

    private static void drain(Worker worker) {
        try {
            Runtime.getRuntime().halt(worker.drain(DRAIN) ? 0 : 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
