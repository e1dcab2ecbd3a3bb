package io.jackfield.broker.server.config;

import java.util.List;

/** The configuration has errors; code {@code CONFIG_INVALID}. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    /** With everything that is wrong, in the form of {@link #problems}. */
    public ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line each: {@code FILE:LINE: key: what was given (expected: what)}. */
    public List<String> problems() {
        return problems;
    }
}
