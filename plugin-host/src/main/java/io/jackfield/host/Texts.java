package io.jackfield.host;

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

    static String cut(String text) {
        String line = text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
        return line.length() <= LENGTH_MAX ? line : line.substring(0, LENGTH_MAX) + "...";
    }
}
