package io.jackfield.command;

/** What may be written to a terminal. What comes from a broker or a worker is text of others: it must not steer it. */
public final class Terminal {

    private Terminal() {}

    /** Whether stdout is one; the script finds out, for Java 17 cannot. */
    static boolean present() {
        return Boolean.getBoolean("jackfield.terminal");
    }

    /** Whether stderr is one. */
    public static boolean errPresent() {
        return Boolean.getBoolean("jackfield.terminal.err");
    }

    /** The text with each control character replaced by a space, so that it stays on its line. */
    static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> printable.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        return printable.toString();
    }
}
