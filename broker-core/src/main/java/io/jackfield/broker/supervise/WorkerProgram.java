package io.jackfield.broker.supervise;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A command that the broker runs as workers.
 *
 * @param name of the group of its processes; each process is {@code NAME-1}, {@code NAME-2}, ...
 * @param command the program and its arguments; no shell reads them
 * @param dir where it runs
 * @param env in addition to the broker's own environment
 * @param count processes
 * @param limits when it is restarted, and when no more
 * @param watched files whose change restarts it
 */
public record WorkerProgram(
        String name,
        List<String> command,
        String dir,
        Map<String, String> env,
        int count,
        Limits limits,
        List<String> watched) {
    /** Processes that one group can be scaled to. */
    public static final int COUNT_MAX = 1000;

    /** The same with one more variable, unless it is set already. */
    public WorkerProgram withEnv(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(env);
        more.putIfAbsent(key, value);
        return new WorkerProgram(name, command, dir, more, count, limits, watched);
    }

    /**
     * When a process is restarted, and when no more.
     *
     * @param restartMsMin before the first restart after a life that was too short; doubled by each such life in a row
     * @param restartMsMax as long as it may become
     * @param healthyMs a life that lasts this long was not too short
     * @param startsMax lives that are too short, in a row; then it is given up until somebody says restart
     * @param drainMs for which what it has in flight may go on before the polite signal
     * @param stopMs after the polite signal, before it is killed
     * @param memoryBytesMax resident memory above which it is restarted; 0: none
     */
    public record Limits(
            long restartMsMin,
            long restartMsMax,
            long healthyMs,
            int startsMax,
            long drainMs,
            long stopMs,
            long memoryBytesMax) {
        /** What holds where the configuration says nothing. */
        public static final Limits DEFAULT = new Limits(200, 30_000, 5_000, 10, 30_000, 10_000, 0);
    }
}
