package io.jackfield.host;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Durations of the last one to two minutes: what happened long ago says nothing about how a handler does now. Safe for
 * any thread.
 */
final class RecentLatency {

    static final long WINDOW_NS = TimeUnit.MINUTES.toNanos(1);

    private final AtomicReference<Window> window;

    /** This window's and the one's before. */
    private record Window(long beginNs, LatencyHistogram now, LatencyHistogram before) {}

    RecentLatency(long nowNs) {
        window = new AtomicReference<>(new Window(nowNs, new LatencyHistogram(), new LatencyHistogram()));
    }

    void record(long valueNs, long nowNs) {
        windowAt(nowNs).now.record(valueNs);
    }

    long percentileNs(double share, long nowNs) {
        Window current = windowAt(nowNs);
        return current.now.percentileNs(share, current.before);
    }

    private Window windowAt(long nowNs) {
        Window current = Objects.requireNonNull(window.get());
        long ageNs = nowNs - current.beginNs;
        if (ageNs < WINDOW_NS) {
            return current;
        }
        LatencyHistogram before = ageNs < 2 * WINDOW_NS ? current.now : new LatencyHistogram();
        Window next = new Window(nowNs, new LatencyHistogram(), before);
        return window.compareAndSet(current, next) ? next : Objects.requireNonNull(window.get());
    }
}
