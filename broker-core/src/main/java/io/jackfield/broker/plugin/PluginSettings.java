package io.jackfield.broker.plugin;

import io.jackfield.host.config.ConfigNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How the broker takes plugins. Immutable.
 *
 * @param dir the watched folder; made where it does not exist
 * @param rescanMs how often it is looked through; what the operating system tells only comes sooner
 * @param queueLengthMax requests that wait for one handler, whose service the configuration does not name
 * @param drainTimeoutMs how long a removed or replaced plugin may finish what it has
 * @param inlineStallMaxMs how long a handler that runs on the loop may hold it
 * @param bodyBytesMax of a handler's reply, all parts together
 * @param concurrencyMax calls that one handler may have at a time: what the dispatcher cuts a worker's credit to
 * @param loadTimeoutMs in which constructors, self-tests, {@code start()} and {@code stop()} of one plugin must have come back
 * @param kept what is kept of plugins that served
 * @param proof that what was unloaded leaves memory
 * @param trust the file with the SHA-256 of the jars that may be loaded; empty: every jar may
 * @param configs by plugin id, what belongs to plugins themselves; read anew while the broker runs
 * @param ramps by plugin id, how a new generation takes over; at once where there is none; likewise
 */
public record PluginSettings(
        Path dir,
        long rescanMs,
        int queueLengthMax,
        long drainTimeoutMs,
        long inlineStallMaxMs,
        int bodyBytesMax,
        int concurrencyMax,
        long loadTimeoutMs,
        Kept kept,
        Proof proof,
        Optional<Path> trust,
        Map<String, ConfigNode> configs,
        Map<String, RampPlan> ramps) {

    /** The same with another folder. */
    public PluginSettings withDir(Path newDir) {
        return new PluginSettings(
                newDir,
                rescanMs,
                queueLengthMax,
                drainTimeoutMs,
                inlineStallMaxMs,
                bodyBytesMax,
                concurrencyMax,
                loadTimeoutMs,
                kept,
                proof,
                trust,
                configs,
                ramps);
    }

    /** The same with what others say of single plugins, by id. */
    public PluginSettings withEachAs(PluginSettings others) {
        return new PluginSettings(
                dir,
                rescanMs,
                queueLengthMax,
                drainTimeoutMs,
                inlineStallMaxMs,
                bodyBytesMax,
                concurrencyMax,
                loadTimeoutMs,
                kept,
                proof,
                trust,
                others.configs,
                others.ramps);
    }

    /**
     * What is kept in the hidden folder {@code .jackfield} of the watched one.
     *
     * @param jarsMax jars to go back to
     * @param jarsBytesMax of all of them
     * @param changesMax latest changes that the history shows
     */
    public record Kept(int jarsMax, long jarsBytesMax, int changesMax) {
        /** What holds where nothing is configured. */
        public static final Kept DEFAULT = new Kept(20, 256L << 20, 1000);
    }

    /**
     * How it is proved that nothing is left of a generation that was unloaded.
     *
     * @param timeMs in which it may be collected by itself; after that it is looked for what keeps it
     * @param collections whether the JVM is then asked for garbage collections, a few
     */
    public record Proof(long timeMs, boolean collections) {
        /** What holds where nothing is configured. */
        public static final Proof DEFAULT = new Proof(10_000, true);
    }
}
