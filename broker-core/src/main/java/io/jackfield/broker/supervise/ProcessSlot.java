package io.jackfield.broker.supervise;

import io.jackfield.broker.supervise.Processes.Child;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The place of one process: it is filled again when the process ends unasked, after a pause that grows. Owned by the broker loop. */
final class ProcessSlot {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessSlot.class);
    private static final long MS = 1_000_000;

    enum State {
        /** The next life begins when its time has come. */
        WAITING,
        STARTING,
        RUNNING,
        /** Its workers finish what they have; then it is asked to end. */
        DRAINING,
        /** It was asked to end. */
        STOPPING,
        STOPPED,
        /** Too many lives in a row were too short. */
        GIVEN_UP;

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private final WorkerProgram program;
    private final Outside outside;
    private final String name;
    private State state = State.WAITING;
    private @Nullable Child process;

    /** Of the last process that was to end. */
    private @Nullable WorkerDrain drain;

    private boolean fillAgain = true;
    private boolean killed;

    /** Of the life that runs; what tells of an earlier one is not heard. */
    private long life;

    private long pid;
    private long residentBytes;
    private long nowNs;
    private long startNs;
    private long bornNs;
    private long killNs;
    private int shortLives;
    private long restarts;
    private String reason = "";

    /** What it acts upon. */
    record Outside(Processes processes, ConnectedWorkers workers) {}

    ProcessSlot(WorkerProgram program, Outside outside, String name, long nowNs) {
        this.program = program;
        this.outside = outside;
        this.name = name;
        this.nowNs = nowNs;
        this.startNs = nowNs;
    }

    void tick(long newNowNs) {
        nowNs = newNowNs;
        Child running = process;
        if (state == State.WAITING && nowNs - startNs >= 0) {
            start();
        } else if (state == State.DRAINING && running != null && drain != null) {
            drain.tick(running, nowNs);
            terminateIfDrained();
        } else if (state == State.STOPPING && running != null && !killed && nowNs - killNs >= 0) {
            LOG.warn(
                    "worker {} did not end within {} ms: it is killed",
                    name,
                    program.limits().stopMs());
            killed = true;
            running.kill();
        }
    }

    /** Ends the process, if there is one; the slot stays empty. */
    void stop(String why) {
        fillAgain = false;
        if (state == State.WAITING || state == State.GIVEN_UP) {
            state = State.STOPPED;
            reason = why;
        } else {
            end(why);
        }
    }

    /** The same, whatever it has in hand: nobody waits for it any more. */
    void stopNow(String why) {
        stop(why);
        terminate();
    }

    /** A new process instead of the one that is there. */
    void restart(String why) {
        fillAgain = true;
        shortLives = 0;
        if (state == State.RUNNING || state == State.STARTING) {
            end(why);
        } else if (state != State.DRAINING && state != State.STOPPING) {
            state = State.WAITING;
            startNs = nowNs;
            reason = why;
        }
    }

    State state() {
        return state;
    }

    /** True if a process is there, or one that was started and has not answered yet. */
    boolean hasProcess() {
        return process != null;
    }

    /** True if the process has lived long enough to be trusted. */
    boolean isHealthy() {
        return state == State.RUNNING && nowNs - bornNs >= program.limits().healthyMs() * MS;
    }

    String name() {
        return name;
    }

    SupervisedView view() {
        return new SupervisedView(
                program.name(),
                name,
                state.text(),
                pid,
                state == State.RUNNING || state == State.DRAINING ? (nowNs - bornNs) / MS : 0,
                restarts,
                residentBytes,
                state == State.DRAINING && drain != null ? drain.inFlight() : 0,
                reason);
    }

    private void start() {
        state = State.STARTING;
        bornNs = nowNs;
        killed = false;
        process = outside.processes.start(program, name, new Life(++life));
    }

    private void end(String why) {
        Child running = process;
        if (running == null || state == State.DRAINING || state == State.STOPPING) {
            return;
        }
        reason = why;
        if (state == State.STARTING) { // nothing can be connected yet
            terminate();
            return;
        }
        LOG.info("worker {} is to end: {}", name, why);
        state = State.DRAINING;
        drain = new WorkerDrain(name, outside.workers, program.limits().drainMs(), nowNs);
        drain.begin(running);
    }

    private void terminateIfDrained() {
        if (state == State.DRAINING && drain != null && drain.isOver()) {
            terminate();
        }
    }

    private void terminate() {
        Child running = process;
        if (running != null && state != State.STOPPING) {
            LOG.info("worker {} is asked to end: {}", name, reason);
            state = State.STOPPING;
            killNs = nowNs + program.limits().stopMs() * MS;
            running.terminate();
        }
    }

    private void ended(String how) {
        boolean asked = state == State.DRAINING || state == State.STOPPING;
        life++;
        process = null;
        pid = 0;
        residentBytes = 0;
        if (asked) {
            LOG.info("worker {} has ended: {}", name, how);
            state = fillAgain ? State.WAITING : State.STOPPED;
            startNs = nowNs;
        } else {
            endedUnasked(how);
        }
        if (state == State.WAITING) {
            restarts++;
        }
    }

    private void endedUnasked(String how) {
        WorkerProgram.Limits limits = program.limits();
        shortLives = nowNs - bornNs >= limits.healthyMs() * MS ? 0 : shortLives + 1;
        reason = how;
        if (shortLives >= limits.startsMax()) {
            state = State.GIVEN_UP;
            LOG.error(
                    "worker {} is given up: {}; it ended {} times in a row within {} ms of its start"
                            + " (mend it, then: jackfield workers restart {})",
                    name,
                    how,
                    shortLives,
                    limits.healthyMs(),
                    program.name());
            return;
        }
        long pauseMs = shortLives == 0 ? 0 : pauseMs(limits);
        state = State.WAITING;
        startNs = nowNs + pauseMs * MS;
        LOG.warn("worker {} has ended: {}; it is started again in {} ms", name, how, pauseMs);
    }

    private long pauseMs(WorkerProgram.Limits limits) {
        long pause = limits.restartMsMin();
        for (int i = 1; i < shortLives && pause < limits.restartMsMax(); i++) {
            pause *= 2;
        }
        return Math.min(pause, limits.restartMsMax());
    }

    /** The listener of one life. */
    private final class Life implements Processes.Listener {
        private final long number;

        private Life(long number) {
            this.number = number;
        }

        @Override
        public void started(long newPid) {
            if (number == life) {
                pid = newPid;
                if (state == State.STARTING) {
                    state = State.RUNNING;
                    LOG.info("worker {} runs as process {}", name, newPid);
                }
            }
        }

        @Override
        public void measured(long bytes) {
            if (number != life) {
                return;
            }
            residentBytes = bytes;
            long max = program.limits().memoryBytesMax();
            if (max > 0 && bytes > max && state == State.RUNNING) {
                LOG.warn("worker {} takes {} bytes of memory, more than memory-bytes-max ({})", name, bytes, max);
                fillAgain = true;
                end("memory: " + bytes + " bytes (limit: " + max + ")");
            }
        }

        @Override
        public void connected(Connections connections) {
            if (number == life && state == State.DRAINING && drain != null) {
                drain.found(connections);
                terminateIfDrained();
            }
        }

        @Override
        public void ended(String how) {
            if (number == life) {
                ProcessSlot.this.ended(how);
            }
        }
    }
}
