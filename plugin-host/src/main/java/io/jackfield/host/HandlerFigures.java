package io.jackfield.host;

/**
 * How the handler of one service does, in one generation of its plugin, at one moment. Counts run since it was loaded;
 * times are of the last one to two minutes and at most a sixteenth too long, 0 where nothing was timed. Immutable.
 *
 * @param service what it answers
 * @param runs where its calls run: {@code threads}, {@code virtual threads}, {@code loop}, or {@code demoted}: on
 *     threads, because it held the loop too long
 * @param calls that began
 * @param errors calls that the handler failed: whatever it threw but what says that the request was wrong
 * @param cancelled calls whose client gave up, or whose time was over, while the handler had them
 * @param inFlight calls that run or wait now
 * @param queued calls that wait for a thread now
 * @param threads it has now
 * @param concurrency calls that may run at a time
 * @param p50Us half of its calls took no longer, in microseconds
 * @param p99Us 99 of 100 took no longer
 * @param maxUs the longest since it was loaded
 * @param waitP50Us half of its calls waited no longer for a thread
 * @param waitP99Us 99 of 100 waited no longer
 * @param timedOneIn of its calls, one in so many is timed: on the loop every sixteenth, elsewhere each
 * @param stalls times that it held the loop too long
 * @param lost calls that were given up and that it still has not let go of, each with a thread
 */
public record HandlerFigures(
        String service,
        String runs,
        long calls,
        long errors,
        long cancelled,
        int inFlight,
        int queued,
        int threads,
        int concurrency,
        long p50Us,
        long p99Us,
        long maxUs,
        long waitP50Us,
        long waitP99Us,
        int timedOneIn,
        int stalls,
        int lost) {}
