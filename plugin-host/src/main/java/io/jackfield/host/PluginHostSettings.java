package io.jackfield.host;

import io.jackfield.host.config.ConfigNode;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What a host needs to know before it loads anything.
 *
 * @param workDir folder of this host alone, for private copies of jars; made where it does not exist, and emptied
 * @param configOf entries by plugin id, of this moment; called on any thread
 * @param queueLengthMax calls that may wait for a thread, per handler
 * @param jarBytesMax a larger jar is refused
 * @param jarUnpackedBytesMax so is one whose entries together have more
 * @param selfTestTimeoutMs what a handler's self-test is told as its deadline
 * @param trust which jars may be loaded
 * @param concurrency what a handler's own is cut to
 * @param time where time comes from
 */
public record PluginHostSettings(
        Path workDir,
        Function<String, ConfigNode> configOf,
        int queueLengthMax,
        long jarBytesMax,
        long jarUnpackedBytesMax,
        long selfTestTimeoutMs,
        TrustedJars trust,
        ConcurrencyLimit concurrency,
        HostTime time) {

    private static final int QUEUE_LENGTH_MAX = 1000;
    static final long JAR_BYTES_MAX = 256L << 20;
    static final long JAR_UNPACKED_BYTES_MAX = 1L << 30;
    private static final long SELF_TEST_TIMEOUT_MS = 10_000;

    /** The defaults, without configuration for any plugin. */
    public static PluginHostSettings defaults(Path workDir) {
        return new PluginHostSettings(
                workDir,
                pluginId -> ConfigNode.empty("(no file)"),
                QUEUE_LENGTH_MAX,
                JAR_BYTES_MAX,
                JAR_UNPACKED_BYTES_MAX,
                SELF_TEST_TIMEOUT_MS,
                TrustedJars.every(),
                ConcurrencyLimit.NONE,
                HostTime.system());
    }

    /** The same with other configuration of plugins. */
    public PluginHostSettings withConfig(Function<String, ConfigNode> newConfigOf) {
        return new PluginHostSettings(
                workDir,
                newConfigOf,
                queueLengthMax,
                jarBytesMax,
                jarUnpackedBytesMax,
                selfTestTimeoutMs,
                trust,
                concurrency,
                time);
    }

    /** The same with another limit of waiting calls. */
    public PluginHostSettings withQueueLengthMax(int newQueueLengthMax) {
        return new PluginHostSettings(
                workDir,
                configOf,
                newQueueLengthMax,
                jarBytesMax,
                jarUnpackedBytesMax,
                selfTestTimeoutMs,
                trust,
                concurrency,
                time);
    }

    /** The same with another deadline of self-tests. */
    public PluginHostSettings withSelfTestTimeoutMs(long newSelfTestTimeoutMs) {
        return new PluginHostSettings(
                workDir,
                configOf,
                queueLengthMax,
                jarBytesMax,
                jarUnpackedBytesMax,
                newSelfTestTimeoutMs,
                trust,
                concurrency,
                time);
    }

    /** The same with a list of the jars that may be loaded. */
    public PluginHostSettings withTrust(TrustedJars newTrust) {
        return new PluginHostSettings(
                workDir,
                configOf,
                queueLengthMax,
                jarBytesMax,
                jarUnpackedBytesMax,
                selfTestTimeoutMs,
                newTrust,
                concurrency,
                time);
    }

    /** The same with a limit of what a handler may have at a time. */
    public PluginHostSettings withConcurrency(ConcurrencyLimit newConcurrency) {
        return new PluginHostSettings(
                workDir,
                configOf,
                queueLengthMax,
                jarBytesMax,
                jarUnpackedBytesMax,
                selfTestTimeoutMs,
                trust,
                newConcurrency,
                time);
    }

    /**
     * Calls that one handler may have at a time.
     *
     * @param max 1 or more
     * @param setting where it is set, for people
     */
    public record ConcurrencyLimit(int max, String setting) {
        /** What a handler declares holds. */
        public static final ConcurrencyLimit NONE = new ConcurrencyLimit(Integer.MAX_VALUE, "");
    }
}
