package io.jackfield.broker.supervise.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.supervise.Connections;
import io.jackfield.broker.supervise.Processes;
import io.jackfield.broker.supervise.WorkerProgram;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Real processes: a shell is the program. */
@Timeout(60)
class OsProcessesTest {
    private static final long WAIT_S = 20;

    @TempDir
    Path dir;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<Connections> looks = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Mailbox loop = new Mailbox() {
        @Override
        public boolean post(Runnable command) {
            command.run();
            return true;
        }

        @Override
        public boolean onLoop() {
            return false;
        }
    };
    /** Holds the supervisor's thread while it tells of connections. */
    private volatile CountDownLatch held = new CountDownLatch(0);

    private final OsProcesses processes = new OsProcesses(loop);

    private final Processes.Listener listener = new Processes.Listener() {
        @Override
        public void started(long pid) {
            events.add("started " + pid);
        }

        @Override
        public void measured(long residentBytes) {
            events.add("measured " + (residentBytes > 100_000));
        }

        @Override
        public void connected(Connections connections) {
            looks.add(connections);
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void ended(String how) {
            events.add(how);
        }
    };

    @AfterEach
    void close() {
        processes.close();
    }

    @Test
    void shouldLogWhatItPrintsAndSayHowItEnded() throws Exception {
        listenTo("worker.t-1");
        start("echo $GREETING $JACKFIELD_WORKER; echo in $(pwd) >&2; head -c 5000 /dev/zero | tr '\\0' x; exit 3");
        assertTrue(event().startsWith("started "));
        assertEquals("exit code 3", event());
        assertEquals("hello t-1", line());
        assertEquals("in " + dir.toRealPath(), line());
        assertEquals("x".repeat(4096), line());
        assertEquals("x".repeat(5000 - 4096), line());
    }

    @Test
    void shouldBePoliteFirst() throws Exception {
        listenTo("worker.t-1");
        Processes.Child process = start("trap 'echo bye; exit 0' TERM; echo on; while :; do sleep 0.05; done");
        assertTrue(event().startsWith("started "));
        assertEquals("on", line());
        process.terminate();
        assertEquals("exit code 0", event());
        assertEquals("bye", line());
    }

    @Test
    void shouldKill() throws Exception {
        Processes.Child process = start("trap '' TERM; while :; do sleep 0.05; done");
        assertTrue(event().startsWith("started "));
        process.kill();
        assertEquals("killed by signal 9", event());
    }

    /** Who asks for it is the broker loop, and to look for the children of a process takes long. */
    @Test
    void shouldKillOnItsOwnThread() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        held = released;
        Processes.Child process = start("while :; do sleep 0.05; done");
        assertTrue(event().startsWith("started "));
        process.look();
        assertNotNull(looks.poll(WAIT_S, TimeUnit.SECONDS));
        process.kill();
        assertNull(events.poll(100, TimeUnit.MILLISECONDS), "killed by the thread that asked for it");
        released.countDown();
        assertEquals("killed by signal 9", event());
    }

    @Test
    void shouldSayThatTheOperatingSystemCannotTakeWhatIsConfigured() throws Exception {
        WorkerProgram bad = program(List.of("sh"), 0).withEnv("LEVEL", "a\0b");
        processes.start(bad, "t-1", listener);
        String how = event();
        assertTrue(how.startsWith("cannot be started: Invalid environment variable value"), how);
        processes.start(program(List.of("sh", "a\0b"), 0), "t-1", listener);
        assertEquals("cannot be started: invalid null character in command", event());
    }

    @Test
    void shouldSayWhyItCannotBeStarted() throws Exception {
        processes.start(program(List.of("/no/such/program"), 0), "t-1", listener);
        assertEquals("cannot be started: no program /no/such/program", event());
        processes.start(program(List.of("no-such-program"), 0), "t-1", listener);
        assertEquals("cannot be started: no program no-such-program in PATH", event());
        Path plain = Files.createFile(dir.resolve("plain.py"));
        processes.start(program(List.of(plain.toString()), 0), "t-1", listener);
        assertEquals(
                "cannot be started: " + plain
                        + " may not be executed (chmod +x, or begin the command with what runs it)",
                event());
        Files.delete(plain);
        Files.delete(dir);
        processes.start(program(List.of("sh"), 0), "t-1", listener);
        assertEquals("cannot be started: dir: no folder " + dir, event());
        Files.createDirectory(dir);
    }

    @Test
    void shouldMeasureMemoryWhereThereIsALimit() throws Exception {
        processes.start(program(List.of("sh", "-c", "while :; do sleep 0.05; done"), 1), "t-1", listener);
        assertTrue(event().startsWith("started "));
        assertEquals("measured true", event());
    }

    @Test
    void shouldTellOfAChangedFileOnceItIsQuiet() throws Exception {
        Path file = Files.writeString(dir.resolve("program"), "one");
        processes.watch(List.of(file.toString(), dir.resolve("not-there").toString()), () -> events.add("changed"));
        Files.writeString(file, "two, longer");
        assertEquals("changed", event());
        Files.delete(file);
        assertEquals("changed", event());
    }

    /** The one that connects is a child of the one that was started. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldFindTheConnectionsOfAProcessAndOfItsChildren() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Processes.Child process =
                    start("bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + server.getLocalPort() + "; read line <&3'; true");
            long pid = Long.parseLong(event().substring("started ".length()));
            try (Socket accepted = server.accept()) {
                process.look();
                Connections found = looks.poll(WAIT_S, TimeUnit.SECONDS);
                assertNotNull(found);
                assertEquals(Set.of("127.0.0.1:" + accepted.getPort()), found.addresses());
                assertTrue(found.pids().size() > 1, found::toString);
                assertTrue(found.has("ipc:///run/jackfield.sock pid " + pid));
                assertFalse(found.has("ipc:///run/jackfield.sock pid 1"));
                assertEquals("", found.unseen());
            }
        }
    }

    @Test
    void shouldKillWhatIsLeftWhenItIsClosed() throws Exception {
        start("trap '' TERM; while :; do sleep 0.05; done");
        long pid = Long.parseLong(event().substring("started ".length()));
        processes.close();
        assertEquals("killed by signal 9", event());
        assertTrue(ProcessHandle.of(pid).map(handle -> !handle.isAlive()).orElse(true));
        start("echo too late");
        assertEquals("the broker has ended", event());
    }

    private Processes.Child start(String script) {
        return processes.start(program(List.of("sh", "-c", script), 0), "t-1", listener);
    }

    private WorkerProgram program(List<String> command, long memoryBytesMax) {
        return new WorkerProgram(
                "t",
                command,
                dir.toString(),
                Map.of("GREETING", "hello"),
                1,
                new WorkerProgram.Limits(100, 1_000, 1_000, 3, 1_000, 1_000, memoryBytesMax),
                List.of());
    }

    private void listenTo(String name) {
        Logger logger = (Logger) LoggerFactory.getLogger(name);
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                lines.add(event.getFormattedMessage());
            }
        };
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.detachAndStopAllAppenders();
        logger.addAppender(appender);
        logger.setLevel(ch.qos.logback.classic.Level.INFO);
    }

    private String event() throws InterruptedException {
        String event = events.poll(WAIT_S, TimeUnit.SECONDS);
        assertNotNull(event, "nothing was told");
        return event;
    }

    private String line() throws InterruptedException {
        String line = lines.poll(WAIT_S, TimeUnit.SECONDS);
        assertNotNull(line, "nothing was logged");
        return line;
    }
}
