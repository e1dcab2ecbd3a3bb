package io.jackfield.bench;

import io.jackfield.command.Execution;

/** The program behind {@code jackfield bench}. */
final class BenchMain {

    private BenchMain() {}

    public static void main(String[] args) {
        System.exit(Execution.of(new BenchCommand()).execute(args));
    }
}
