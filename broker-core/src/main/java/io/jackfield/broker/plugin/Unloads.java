package io.jackfield.broker.plugin;

import io.jackfield.broker.loop.Clock;
import io.jackfield.host.Generation;
import io.jackfield.host.LoaderTrace;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generations that were unloaded, until it is proved that their classes have left memory, or known what keeps them. Looks on a thread of its
 * own, {@code plugin-proof}, which holds nothing of a plugin but weak references and text; there is no such thread before the first one.
 */
final class Unloads {
    private static final Logger LOG = LoggerFactory.getLogger(Unloads.class);
    private static final long LOOK_MS = 50;

    /** What is known to be kept goes late, if ever. */
    private static final long LOOK_AT_PINNED_MS = 1_000;

    /** One proves it; between two, what the JDK's own threads had to clear away is gone. */
    private static final int COLLECTIONS_MAX = 2;

    private static final long COLLECTION_PAUSE_MS = 1_000;
    private static final int WATCHED_MAX = 1_000;

    private final PluginSettings.Proof proof;
    private final Clock clock;
    private final Consumer<Ended> told;
    private final BlockingQueue<Watched> arrivals = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(null, this::run, "plugin-proof", 0, false);

    // Of the thread.
    private final List<Watched> watched = new ArrayList<>();
    private long collectionNs;

    // Of the plugin thread.
    private boolean started;
    private boolean closed;

    /**
     * @param told what became of each, on the thread {@code plugin-proof}: that it is kept, perhaps, and that it is collected
     */
    Unloads(PluginSettings.Proof proof, Clock clock, Consumer<Ended> told) {
        this.proof = proof;
        this.clock = clock;
        this.told = told;
        thread.setDaemon(true);
        thread.setContextClassLoader(Unloads.class.getClassLoader());
    }

    /**
     * What became of the classes of a generation.
     *
     * @param gone what went
     * @param collected they have left memory; else they are kept
     * @param wasPinned it was said before that they are kept
     * @param text how long it took, or what keeps them
     */
    record Ended(Gone gone, boolean collected, boolean wasPinned, String text) {}

    /** A generation that was unloaded, without holding on to it. */
    record Gone(String plugin, String version, long number, String sha256, String file, LoaderTrace trace) {
        static Gone of(Generation generation, String file) {
            return new Gone(
                    generation.pluginId(),
                    generation.version(),
                    generation.number(),
                    generation.sha256(),
                    file,
                    generation.trace());
        }
    }

    private static final class Watched {
        private final Gone gone;
        private final long sinceNs;
        private int collections;
        private boolean searched;
        private boolean pinned;

        Watched(Gone gone, long sinceNs) {
            this.gone = gone;
            this.sinceNs = sinceNs;
        }
    }

    /** Begins to watch. Called by the plugin thread. */
    void add(Gone gone) {
        if (closed) {
            return;
        }
        arrivals.add(new Watched(gone, clock.nowNs()));
        if (!started) {
            started = true;
            thread.start();
        }
    }

    /** No more proofs. Called by the plugin thread. */
    void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Watched arrived = watched.isEmpty() ? arrivals.take() : arrivals.poll(pauseMs(), TimeUnit.MILLISECONDS);
                if (arrived != null) {
                    watched.add(arrived);
                    arrivals.drainTo(watched);
                }
                look(clock.nowNs());
            }
        } catch (InterruptedException e) {
            LOG.debug("no more is proved of unloaded plugins");
        }
    }

    private long pauseMs() {
        return watched.stream().allMatch(one -> one.pinned) ? LOOK_AT_PINNED_MS : LOOK_MS;
    }

    private void look(long nowNs) {
        Iterator<Watched> all = watched.iterator();
        while (all.hasNext()) {
            Watched one = all.next();
            if (one.gone.trace().isCollected()) {
                all.remove();
                told.accept(new Ended(one.gone, true, one.pinned, "after " + ageMs(one, nowNs) + " ms"));
            }
        }
        List<Watched> due = watched.stream()
                .filter(one -> !one.pinned && ageMs(one, nowNs) >= proof.timeMs())
                .toList();
        due.forEach(one -> search(one, nowNs));
        if (proof.collections()) {
            collect(due.stream().filter(one -> !one.pinned).toList(), nowNs);
        }
        while (watched.size() > WATCHED_MAX) {
            LOG.warn(
                    "{} is no longer watched: more than {} are in memory",
                    watched.remove(0).gone.trace(),
                    WATCHED_MAX);
        }
    }

    /** What can be seen to be kept needs no collection to prove it. */
    private void search(Watched one, long nowNs) {
        if (one.searched) {
            return;
        }
        one.searched = true;
        List<String> pins = one.gone.trace().pins();
        if (!pins.isEmpty()) {
            pinned(one, nowNs, String.join("; ", pins));
        }
    }

    /**
     * A quiet broker may not collect its old objects for days, so collections are asked for: a few, each for all that wait, and none while
     * the time has not come in which it might have happened by itself.
     */
    private void collect(List<Watched> due, long nowNs) {
        long pauseNs = TimeUnit.MILLISECONDS.toNanos(Math.min(COLLECTION_PAUSE_MS, proof.timeMs()));
        if (due.isEmpty() || (collectionNs != 0 && nowNs - collectionNs < pauseNs)) {
            return;
        }
        due.stream().filter(one -> one.collections == COLLECTIONS_MAX).forEach(one -> notFound(one, nowNs));
        List<Watched> waiting =
                due.stream().filter(one -> one.collections < COLLECTIONS_MAX).toList();
        if (!waiting.isEmpty()) {
            LOG.debug("a collection is asked for: {} unloaded plugins are in memory", waiting.size());
            System.gc();
            waiting.forEach(one -> one.collections++);
            collectionNs = clock.nowNs();
        }
    }

    private void notFound(Watched one, long nowNs) {
        if (one.gone.trace().isCollected()) {
            return;
        }
        List<String> pins = one.gone.trace().pins();
        pinned(
                one,
                nowNs,
                pins.isEmpty()
                        ? "something else than a thread, a JDBC driver or an MBean; take a heap dump, jcmd "
                                + ProcessHandle.current().pid() + " GC.heap_dump FILE, and look for the "
                                + one.gone.trace().inHeapDump()
                        : String.join("; ", pins));
    }

    private void pinned(Watched one, long nowNs, String by) {
        one.pinned = true;
        told.accept(new Ended(one.gone, false, false, "in memory after " + ageMs(one, nowNs) + " ms, kept by " + by));
    }

    private static long ageMs(Watched one, long nowNs) {
        return TimeUnit.NANOSECONDS.toMillis(nowNs - one.sinceNs);
    }
}
