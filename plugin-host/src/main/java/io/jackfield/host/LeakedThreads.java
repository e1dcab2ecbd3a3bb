package io.jackfield.host;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
                .filter(thread -> belongs(thread, loader))
                .map(Thread::getName)
                .sorted()
                .toList();
    }

    /** The same, and those that run code of the plugin: each with its state and where in that code it is. */
    static List<String> described(ClassLoader loader) {
        return alive().stream()
                .filter(thread -> thread != Thread.currentThread())
                .flatMap(thread -> described(thread, loader).stream())
                .sorted()
                .toList();
    }

    private static Optional<String> described(Thread thread, ClassLoader loader) {
        StackTraceElement[] stack = thread.getStackTrace();
        boolean belongs = belongs(thread, loader);
        Optional<StackTraceElement> ownFrame = Arrays.stream(stack)
                .filter(frame -> loader instanceof ApiClassLoader own && isOf(frame, own, belongs))
                .findFirst();
        if (!belongs && ownFrame.isEmpty()) {
            return Optional.empty();
        }
        String where = ownFrame.or(() -> Arrays.stream(stack).findFirst())
                .map(frame -> " at " + frame)
                .orElse("");
        return Optional.of("thread \"" + thread.getName() + "\" (" + thread.getState() + ")" + where);
    }

    private static boolean belongs(Thread thread, ClassLoader loader) {
        return thread.getContextClassLoader() == loader || thread.getClass().getClassLoader() == loader;
    }

    /** A frame tells the name of its class alone, and the generations of a plugin have classes of the same names. */
    private static boolean isOf(StackTraceElement frame, ApiClassLoader loader, boolean belongs) {
        String className = frame.getClassName();
        return belongs ? loader.hasLoaded(className) : loader.aloneHasLoaded(className);
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
