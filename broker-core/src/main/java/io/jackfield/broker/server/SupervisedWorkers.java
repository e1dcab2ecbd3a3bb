package io.jackfield.broker.server;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.peer.PeerRegistry;
import io.jackfield.broker.supervise.ConnectedWorkers;
import io.jackfield.broker.supervise.Connections;
import io.jackfield.broker.supervise.Supervisor;
import io.jackfield.broker.supervise.WorkerProgram;
import io.jackfield.broker.supervise.os.OsProcesses;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The programs that the broker runs as workers: their state on its loop, their processes beside it. */
final class SupervisedWorkers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedWorkers.class);
    private static final long LOOK_MS = 10;

    /** For the kill that follows the polite signal to have its effect. */
    private static final long KILLED_MS = 2_000;

    private final List<WorkerProgram> programs;
    private final NettyLoop loop;
    private final OsProcesses processes;
    private final Supervisor supervisor;

    /** @param endpoint what the programs are told to connect to, in JACKFIELD_CONNECT */
    SupervisedWorkers(List<WorkerProgram> programs, String endpoint, PeerRegistry peers, NettyLoop loop, Clock clock) {
        this.programs = programs.stream()
                .map(program -> program.withEnv("JACKFIELD_CONNECT", endpoint))
                .toList();
        this.loop = loop;
        this.processes = new OsProcesses(loop);
        this.supervisor = new Supervisor(this.programs, processes, workersAmong(peers), clock.nowNs());
        loop.every(LOOK_MS, () -> supervisor.tick(clock.nowNs()));
        this.programs.forEach(this::watch);
    }

    /** Owned by the loop. */
    Supervisor supervisor() {
        return supervisor;
    }

    /** Asks every process to end, and kills those that do not within their time. What was in flight has been waited for. */
    void drain() throws InterruptedException {
        CountDownLatch empty = new CountDownLatch(1);
        loop.post(() -> supervisor.stopAll("the broker shuts down"));
        Timer look = loop.every(LOOK_MS, () -> {
            if (supervisor.isEmpty()) {
                empty.countDown();
            }
        });
        long stopMs = programs.stream()
                .mapToLong(program -> program.limits().stopMs())
                .max()
                .orElse(0);
        if (!empty.await(stopMs + KILLED_MS, TimeUnit.MILLISECONDS)) {
            LOG.warn("not every supervised worker has ended: the rest is killed");
        }
        look.close();
    }

    /** Kills what is left; nothing is started any more. */
    @Override
    public void close() {
        loop.post(() -> supervisor.stopAll("the broker ends"));
        processes.close();
    }

    private static ConnectedWorkers workersAmong(PeerRegistry peers) {
        return new ConnectedWorkers() {
            @Override
            public Set<Long> withdraw(Connections connections) {
                return peers.withdraw(connections::has);
            }

            @Override
            public int inFlight(Set<Long> connectionIds) {
                return peers.inFlight(connectionIds);
            }
        };
    }

    private void watch(WorkerProgram program) {
        if (!program.watched().isEmpty()) {
            processes.watch(
                    program.watched(), () -> supervisor.restart(program.name(), "a file that it watches has changed"));
        }
    }
}
