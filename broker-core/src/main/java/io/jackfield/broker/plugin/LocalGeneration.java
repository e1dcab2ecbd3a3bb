package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.host.HostedHandler;
import java.util.List;

/** The workers of one generation of a plugin. Owned by the broker loop. */
final class LocalGeneration {
    private final List<LocalWorker> workers;

    /** Of its own: what one plugin hung on the end of its calls, and blocks, is no other plugin's matter. Its thread begins with the first. */
    private final PluginThread cancels;

    /**
     * @param name id, version and generation, for people
     */
    LocalGeneration(String name, List<HostedHandler> handlers, LocalWorker.Surroundings surroundings) {
        cancels = new PluginThread("plugin-cancel " + name);
        workers = handlers.stream()
                .map(handler -> new LocalWorker(name, handler, surroundings, cancels))
                .toList();
    }

    /** Takes its place in all of its services, or in none. Nothing is asked of it before {@link #start}, which must follow. */
    void register(Dispatcher dispatcher) throws RefusedException {
        int registered = 0;
        try {
            for (LocalWorker worker : workers) {
                worker.register(dispatcher);
                registered++;
            }
        } finally {
            if (registered < workers.size()) {
                workers.subList(0, registered)
                        .forEach(worker -> worker.abandon("another service of the plugin was refused"));
            }
        }
    }

    /**
     * Requests may come from now on.
     *
     * @param percent of the requests, as {@link #share} gives it
     */
    void start(int percent) {
        share(percent);
        workers.forEach(LocalWorker::start);
    }

    /** Of 100 requests it gets that many, as long as another generation serves the same. */
    void share(int percent) {
        workers.forEach(worker -> worker.share(percent));
    }

    /** How its calls end is counted there from now on. */
    void watch(CallWatch watch) {
        workers.forEach(worker -> worker.watch(watch));
    }

    /** Not there any more, if it is there that they are counted. */
    void unwatch(CallWatch watch) {
        workers.forEach(worker -> worker.unwatch(watch));
    }

    /** No more requests; the action runs once when all that it has are done. */
    void drain(Runnable whenIdle) {
        int[] left = {workers.size()};
        for (LocalWorker worker : workers) {
            worker.drain(() -> {
                left[0]--;
                if (left[0] == 0) {
                    whenIdle.run();
                }
            });
        }
    }

    /** What it still has fails, or goes to others. */
    void abandon(String reason) {
        workers.forEach(worker -> worker.abandon(reason));
    }

    /** The generation is unloaded: nothing is cancelled any more. Any thread. */
    void ended() {
        cancels.end();
    }
}
