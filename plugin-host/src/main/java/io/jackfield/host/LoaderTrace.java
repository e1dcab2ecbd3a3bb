package io.jackfield.host;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells whether the classes of a generation are still in memory, and what keeps them there. It keeps nothing itself: the
 * class loader is held weakly, and all that it tells is text. Safe for any thread.
 */
public final class LoaderTrace {

    private static final int PINS_MAX = 10;

    private final String generation;
    private final WeakReference<ClassLoader> loader;

    LoaderTrace(String generation, ClassLoader loader) {
        this.generation = generation;
        this.loader = new WeakReference<>(loader);
    }

    /** True when the class loader, and so every class of it, has left memory. */
    public boolean isCollected() {
        return loader.refersTo(null);
    }

    /**
     * What holds the classes, as far as a program can see that of itself: threads, JDBC drivers, MBeans; each in words, and
     * at most 10 of them. Looks at every thread, and with MBeans in every server there is: some milliseconds.
     */
    public List<String> pins() {
        ClassLoader own = loader.get();
        return own == null ? List.of() : bounded(pins(own));
    }

    /** Where in a heap dump the rest is to be found. */
    public String inHeapDump() {
        return "class loader " + ApiClassLoader.class.getName() + " whose field generation is " + generation;
    }

    private static List<String> pins(ClassLoader own) {
        List<String> pins = new ArrayList<>(LeakedThreads.described(own));
        pins.addAll(RegisteredObjects.of(own));
        return pins;
    }

    private static List<String> bounded(List<String> pins) {
        if (pins.size() <= PINS_MAX) {
            return List.copyOf(pins);
        }
        List<String> first = new ArrayList<>(pins.subList(0, PINS_MAX));
        first.add((pins.size() - PINS_MAX) + " more");
        return List.copyOf(first);
    }

    @Override
    public String toString() {
        return generation;
    }
}
