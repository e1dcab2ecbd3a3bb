package io.jackfield.command;

/** Ends a command with one line on stderr: code, cause and hint. The code is the registry's name, or the command's own. */
public final class Failure extends RuntimeException {

    private final int exitCode;
    private final String code;
    private final String hint;

    /**
     * Names what went wrong.
     *
     * @param exitCode one of {@link ExitCode}
     * @param hint what to do about it; may be empty
     */
    public Failure(int exitCode, String code, String cause, String hint) {
        super(cause);
        this.exitCode = exitCode;
        this.code = code;
        this.hint = hint;
    }

    int exitCode() {
        return exitCode;
    }

    String code() {
        return code;
    }

    String cause() {
        return String.valueOf(getMessage());
    }

    String hint() {
        return hint;
    }

    String line() {
        String line = code + ": " + cause() + (hint.isEmpty() ? "" : " (" + hint + ")");
        return Terminal.printable(line);
    }
}
