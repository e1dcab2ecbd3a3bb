package io.jackfield.host;

import org.jspecify.annotations.Nullable;

/** Text for people from what a plugin threw: a plugin's exception may fail even when asked for its message. */
final class Texts {

    private static final int LENGTH_MAX = 500;

    private Texts() {}

    /** Class and message of what was thrown, on one line. */
    static String of(Throwable thrown) {
        String name = thrown.getClass().getName();
        try {
            String message = thrown.getMessage();
            return message == null ? name : cut(name + ": " + message);
        } catch (Throwable e) {
            // Plugin code: whatever it throws, the first failure is the one to tell.
            return name + " (its message cannot be read: " + e.getClass().getName() + ")";
        }
    }

    /** The same, and where in the plugin's own code it was thrown, as far as that can be seen. */
    static String whereOf(Throwable thrown, @Nullable ClassLoader plugin) {
        String text = of(thrown);
        try {
            for (StackTraceElement frame : thrown.getStackTrace()) {
                // Classes of the JDK and of the host are found by other loaders; a plugin's is where it can be mended.
                if (frame.getModuleName() == null && isOf(frame.getClassName(), plugin)) {
                    return text + " at " + frame;
                }
            }
            return text;
        } catch (Throwable e) {
            return text;
        }
    }

    private static boolean isOf(String className, @Nullable ClassLoader plugin) {
        return plugin != null
                && plugin.getResource(className.replace('.', '/') + ".class") != null
                && !className.startsWith("io.jackfield.")
                && !className.startsWith("org.pf4j.");
    }

    static String cut(String text) {
        String line = text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
        return line.length() <= LENGTH_MAX ? line : line.substring(0, LENGTH_MAX) + "...";
    }
}
