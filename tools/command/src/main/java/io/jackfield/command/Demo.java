package io.jackfield.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;

/** Carries out the demo's steps one after the other and keeps what came of each. One thread. */
final class Demo {

    /** What a step does; what it returns is shown as having come back. It throws where its promise did not hold. */
    interface Action {
        String run() throws IOException, InterruptedException;
    }

    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final PrintWriter live;
    private final List<DemoStep> steps = new ArrayList<>();

    Demo(PrintWriter live) {
        this.live = live;
    }

    /** What a demo consists of. */
    interface Script {
        void run(Demo demo, Children children, Path folder) throws IOException, InterruptedException;
    }

    /** Carries out all of it, prints what came of it, and throws where a step did not hold. */
    static int show(CommandLine command, boolean json, Script script) throws IOException, InterruptedException {
        PrintWriter out = command.getOut();
        Demo demo = new Demo(json ? command.getErr() : out);
        Path folder = Files.createTempDirectory("jackfield-demo");
        try (Children children = new Children(folder)) {
            script.run(demo, children, folder);
        }
        out.print(json ? Json.text(DemoStep.json(demo.steps())) + '\n' : '\n' + DemoStep.table(demo.steps()));
        out.flush();
        if (!demo.held()) {
            throw new Failure(ExitCode.FAILED, "NOT_HELD", "a step did not hold", "the logs are in " + folder);
        }
        Children.delete(folder);
        return ExitCode.OK;
    }

    void step(String name, String asked, Action action) throws InterruptedException {
        live.printf("%2d  %-58s ", steps.size() + 1, name + " ...");
        live.flush();
        long beginNs = System.nanoTime();
        String answer;
        boolean held = false;
        try {
            answer = action.run();
            held = true;
        } catch (Failure e) {
            answer = e.line();
        } catch (IOException e) {
            answer = e.toString();
        }
        DemoStep step =
                new DemoStep(name, asked, answer, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNs), held);
        steps.add(step);
        live.printf("%s, %d ms%n", step.verdict(), step.elapsedMs());
        live.flush();
    }

    List<DemoStep> steps() {
        return List.copyOf(steps);
    }

    boolean held() {
        return steps.stream().allMatch(DemoStep::held);
    }

    /** Ends the step as failed unless what came is what was expected. */
    static String expect(String what, String expected, String came) {
        if (!came.equals(expected)) {
            throw broken(what + ": " + came + " (expected: " + expected + ")");
        }
        return came;
    }

    static void require(boolean held, String broken) {
        if (!held) {
            throw broken(broken);
        }
    }

    /** Waits until it is so, for at most the given time, and returns how long that took. */
    static long awaitMs(String what, long timeoutMs, BooleanSupplier so) {
        long beginNs = System.nanoTime();
        while (!so.getAsBoolean()) {
            long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNs);
            require(elapsedMs < timeoutMs, what + ": not within " + timeoutMs + " ms");
            LockSupport.parkNanos(PAUSE_NS);
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNs);
    }

    static Path home() {
        return Path.of(System.getProperty("jackfield.home", "."));
    }

    static Failure broken(String cause) {
        return new Failure(ExitCode.FAILED, "NOT_HELD", cause, "");
    }
}
