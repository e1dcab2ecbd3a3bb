package io.jackfield.host.config;

import java.util.List;

/** A configuration that does not fit the author's record. */
public final class ConfigRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ConfigRefusedException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** All of them, each with file, line, key and what was expected. */
    public List<String> problems() {
        return problems;
    }
}
