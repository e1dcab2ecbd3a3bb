package io.jackfield.broker.tasks;

import io.jackfield.broker.model.Frames;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Messages that wait. It takes whatever it is given, and says when that is enough: from {@link #isFull} on until {@link #isLow} its senders
 * are not to be read from, so that they are not stopped and started for every message. Owned by the broker loop.
 */
final class Backlog {
    private final QueueLimits limits;
    private final Deque<Frames> waiting = new ArrayDeque<>();
    private long bytes;

    Backlog(QueueLimits limits) {
        this.limits = limits;
    }

    void add(Frames message) {
        Frames kept = message.kept();
        waiting.add(kept);
        bytes += kept.wireBytes();
    }

    Frames remove() {
        Frames first = waiting.remove();
        bytes -= first.wireBytes();
        return first;
    }

    void clear() {
        waiting.clear();
        bytes = 0;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    boolean isFull() {
        return waiting.size() >= limits.lengthMax() || bytes >= limits.bytesMax();
    }

    boolean isLow() {
        return waiting.size() <= limits.lengthMax() / 2 && bytes <= limits.bytesMax() / 2;
    }

    int length() {
        return waiting.size();
    }

    long bytes() {
        return bytes;
    }
}
