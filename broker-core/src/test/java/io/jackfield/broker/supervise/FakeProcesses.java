package io.jackfield.broker.supervise;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Processes that start at once and end when they are told to, or when the test says so. */
final class FakeProcesses implements Processes {
    /** Every life there was, in order. */
    final List<Life> lives = new ArrayList<>();

    private long nextPid = 100;
    private boolean obedient = true;
    private boolean looksAtOnce = true;
    private boolean startsAtOnce = true;

    /** From now on they have started when the test says so. */
    void slowStarts() {
        startsAtOnce = false;
    }

    /** From now on looks are answered when the test says so. */
    void slowLooks() {
        looksAtOnce = false;
    }

    /** From now on they ignore the polite signal. */
    void stubborn() {
        obedient = false;
    }

    @Override
    public Child start(WorkerProgram program, String name, Listener listener) {
        Life life = new Life(name, nextPid++, listener);
        lives.add(life);
        if (startsAtOnce) {
            listener.started(life.pid);
        }
        return life;
    }

    /** Names of those that live, in the order of their start. */
    List<String> alive() {
        return lives.stream().filter(life -> !life.over).map(life -> life.name).toList();
    }

    Life last() {
        return lives.get(lives.size() - 1);
    }

    final class Life implements Child {
        final String name;
        final long pid;
        final Listener listener;
        /** Looks that have not been answered; every one is, at once, unless the test does it. */
        int looks;

        private boolean over;

        private Life(String name, long pid, Listener listener) {
            this.name = name;
            this.pid = pid;
            this.listener = listener;
        }

        @Override
        public void terminate() {
            if (obedient) {
                end("exit code 0");
            }
        }

        @Override
        public void look() {
            if (looksAtOnce) {
                listener.connected(connections());
            } else {
                looks++;
            }
        }

        /** Answers a look that waits. */
        void seen(String unseen) {
            if (looks == 0) {
                throw new AssertionError("nobody wants to know how " + name + " is connected");
            }
            looks--;
            listener.connected(new Connections(Set.of(pid), Set.of(), unseen));
        }

        private Connections connections() {
            return new Connections(Set.of(pid), Set.of(), "");
        }

        @Override
        public void kill() {
            end("killed by signal 9");
        }

        boolean isOver() {
            return over;
        }

        void end(String how) {
            if (over) {
                throw new AssertionError(name + " has ended before");
            }
            over = true;
            listener.ended(how);
        }
    }
}
