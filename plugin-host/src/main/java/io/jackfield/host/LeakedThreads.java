package io.jackfield.host;

import java.util.Arrays;
import java.util.List;

/** Finds the threads that a plugin has started and not ended: they keep its classes in memory. */
public final class LeakedThreads {

    private LeakedThreads() {}

    /**
     * Names of the live platform threads whose class, or whose context class loader, is of that class loader: a thread
     * inherits the latter from the thread that starts it. Virtual threads cannot be listed. Any thread; looks at every
     * thread there is.
     */
    public static List<String> of(ClassLoader loader) {
        return alive().stream()
                .filter(thread -> thread.getContextClassLoader() == loader
                        || thread.getClass().getClassLoader() == loader)
                .map(Thread::getName)
                .sorted()
                .toList();
    }

    private static List<Thread> alive() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] all = new Thread[root.activeCount() + 16];
        int count = root.enumerate(all);
        while (count == all.length) {
            // More than there seemed to be.
            all = new Thread[2 * all.length];
            count = root.enumerate(all);
        }
        return Arrays.asList(all).subList(0, count);
    }
}
