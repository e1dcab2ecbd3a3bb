package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildrenTest {
    private static final long WAIT_S = 20;

    /** A conformance run has some hundred of them, one after the other. */
    @Test
    void shouldNotStayUntilTheEndOfTheJvmOnceTheyAreClosed(@TempDir Path folder) throws IOException {
        WeakReference<Children> closed = startedAndClosed(folder);

        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (closed.get() != null) {
            assertTrue(System.nanoTime() < endNs, "something still holds them after " + WAIT_S + " s");
            System.gc();
        }
    }

    private static WeakReference<Children> startedAndClosed(Path folder) throws IOException {
        try (Children children = new Children(folder)) {
            Child child = children.start("sleeper", "", Map.of(), "sleep", "600");
            assertTrue(child.alive());
            children.kill();
            assertFalse(child.alive());
            return new WeakReference<>(children);
        }
    }
}
