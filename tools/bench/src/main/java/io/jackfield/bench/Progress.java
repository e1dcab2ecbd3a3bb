package io.jackfield.bench;

import java.io.PrintWriter;

/** A bar on the line that a person looks at while it measures; nothing where nobody looks. One thread. */
final class Progress {

    private static final int WIDTH = 24;
    private static final long MS_PER_S = 1000;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter terminal;
    private final boolean shown;
    private final long stepMs;
    private final int steps;
    private int done;

    /**
     * Shows nothing yet.
     *
     * @param shown whether the writer is a terminal
     * @param steps how many there will be, each of about stepMs
     */
    Progress(PrintWriter terminal, boolean shown, int steps, long stepMs) {
        this.terminal = terminal;
        this.shown = shown;
        this.steps = steps;
        this.stepMs = stepMs;
    }

    void begin(String what) {
        print(bar(done, steps) + " " + (steps - done) * stepMs / MS_PER_S + " s left: " + what);
        done++;
    }

    void end() {
        print("");
    }

    static String bar(int done, int steps) {
        int filled = steps == 0 ? WIDTH : done * WIDTH / steps;
        return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "]";
    }

    private void print(String line) {
        if (shown) {
            terminal.print(CLEAR_LINE + line);
            terminal.flush();
        }
    }
}
