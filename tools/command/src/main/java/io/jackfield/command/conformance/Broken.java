package io.jackfield.command.conformance;

/** A scenario does not hold; the message says what was seen and what was expected. */
final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(String message) {
        super(message);
    }

    /** Throws unless both are equal. */
    static void unlessEqual(String what, Object expected, Object seen) {
        if (!expected.equals(seen)) {
            throw new Broken(what + ": " + seen + " (expected: " + expected + ")");
        }
    }
}
