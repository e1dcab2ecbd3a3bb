package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.Group.Member;
import io.jackfield.host.Declared;
import io.jackfield.host.Generation;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginRefusedException;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jars that are being loaded, each on a thread of its own and with a limit of time: one that hangs keeps nothing but that thread. Owned by the
 * plugin thread, on which it tells what came of them.
 */
final class Loads {
    private static final Logger LOG = LoggerFactory.getLogger(Loads.class);
    private static final Failure NONE = Failure.of(ErrorCode.INTERNAL_ERROR, "nothing failed", "");

    private final PluginHost host;
    private final long timeoutMs;
    private final Executor thread;
    private final Set<TimedTask<Generation>> running = new HashSet<>();

    Loads(PluginHost host, long timeoutMs, Executor thread) {
        this.host = host;
        this.timeoutMs = timeoutMs;
        this.thread = thread;
    }

    /**
     * What came of a load.
     *
     * @param generation empty: it failed
     */
    record Loaded(Optional<Generation> generation, Failure failure) {}

    /**
     * Begins.
     *
     * @param made generations that may be what it depends on, besides those that it says it is built on
     * @param declared told the names of the services before code of the plugin runs
     * @param loaded told the end, once
     */
    void begin(Member member, List<Generation> made, Consumer<List<String>> declared, Consumer<Loaded> loaded) {
        long number = host.nextNumber();
        String file = String.valueOf(member.slot().file.getFileName());
        Optional<String> sha256 = Optional.of(member.sha256());
        List<Generation> others = new ArrayList<>(made);
        member.builtOn().forEach(tenant -> others.add(tenant.generation()));
        TimedTask<Generation> task = TimedTask.start(
                "plugin-load " + file + "#" + number,
                () -> host.load(member.jar(), sha256, number, others, all -> tell(declared, all)),
                timeoutMs,
                Generation::unload);
        running.add(task);
        task.end().thenRun(() -> thread.execute(() -> running.remove(task)));
        task.result()
                .whenComplete((generation, thrown) -> thread.execute(() -> loaded.accept(
                        thrown == null
                                ? new Loaded(Optional.of(generation), NONE)
                                : new Loaded(Optional.empty(), failure(file, thrown)))));
    }

    /** How many have not come back, whether their time is over or not. */
    int running() {
        return running.size();
    }

    /** What hangs since long is interrupted once more. */
    void interruptAll() {
        running.forEach(TimedTask::interrupt);
    }

    /** Waits for those whose time is not over; interrupted ones mostly end at once. */
    void joinAll(long timeMs) {
        for (TimedTask<Generation> task : running) {
            if (!task.join(timeMs / running.size())) {
                LOG.warn("a plugin that is being loaded does not end: its thread is left behind");
            }
        }
        running.clear();
    }

    private void tell(Consumer<List<String>> declared, List<Declared> all) {
        List<String> services = all.stream().map(Declared::service).toList();
        thread.execute(() -> declared.accept(services));
    }

    private Failure failure(String file, Throwable thrown) {
        Throwable cause = TimedTask.cause(thrown);
        if (cause instanceof PluginRefusedException refused) {
            return refused.failure();
        }
        if (cause instanceof TimeoutException) {
            return Failure.of(
                    ErrorCode.PLUGIN_START_FAILED,
                    "it was not loaded within " + timeoutMs + " ms, and hangs in " + cause.getMessage(),
                    "let constructors, start() and selfTest() return; or raise plugins.load-timeout");
        }
        if (cause instanceof IOException) {
            return Failure.of(ErrorCode.PLUGIN_UNREADABLE, String.valueOf(cause.getMessage()), "see the log");
        }
        LOG.error("plugin {} failed while it was loaded", file, cause);
        return Failure.of(ErrorCode.PLUGIN_START_FAILED, "loading it threw " + cause, "see the log");
    }
}
