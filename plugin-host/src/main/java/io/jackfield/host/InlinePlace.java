package io.jackfield.host;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the calls of one handler run on their caller's thread. Safe for any thread.
 *
 * <p>The first calls do not, until one has ended: it loads classes and runs their initialisers, which may take as long as
 * it likes. Once the handler has held its caller too long, none does any more.
 */
final class InlinePlace {

    private static final Logger LOG = LoggerFactory.getLogger(InlinePlace.class);
    private static final int FRAMES_MAX = 40;

    private enum State {
        NEVER,
        NOT_YET,
        INLINE,
        DEMOTED
    }

    private final String name;
    private final AtomicReference<State> state;
    private final AtomicInteger stalls = new AtomicInteger();

    /** @param name of the handler's threads, which says whose it is */
    InlinePlace(String name, boolean nonBlocking) {
        this.name = name;
        this.state = new AtomicReference<>(nonBlocking ? State.NOT_YET : State.NEVER);
    }

    boolean isInline() {
        return state.getAcquire() == State.INLINE;
    }

    boolean isDemoted() {
        return state.getAcquire() == State.DEMOTED;
    }

    /** For people. */
    String says(boolean threadsAreVirtual) {
        return switch (state.getAcquire()) {
            case INLINE -> "loop";
            case DEMOTED -> "demoted";
            case NEVER, NOT_YET -> threadsAreVirtual ? "virtual threads" : "threads";
        };
    }

    /** A call has run on a thread. */
    void warmed() {
        if (state.getPlain() == State.NOT_YET) {
            state.compareAndSet(State.NOT_YET, State.INLINE);
        }
    }

    int stalls() {
        return stalls.get();
    }

    /** Told once for each doubling of the time that one call takes. */
    void stalled(String thread, long heldNs, StackTraceElement[] stack) {
        long heldMs = TimeUnit.NANOSECONDS.toMillis(heldNs);
        if (state.getAndSet(State.DEMOTED) == State.DEMOTED) {
            LOG.error(
                    "{} still holds {}, for {} ms now: nothing else goes on there{}", name, thread, heldMs, at(stack));
            return;
        }
        stalls.incrementAndGet();
        LOG.warn(
                "{} has held {} for {} ms, though its handler says nonBlocking: its later calls run on threads of its own{}",
                name,
                thread,
                heldMs,
                at(stack));
    }

    private static String at(StackTraceElement[] stack) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(stack.length, FRAMES_MAX); i++) {
            if (stack[i].getClassName().equals(HandlerExecutor.class.getName())) {
                break;
            }
            text.append("\n\tat ").append(stack[i]);
        }
        return text.toString();
    }
}
