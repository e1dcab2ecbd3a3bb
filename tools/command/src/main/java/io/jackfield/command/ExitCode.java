package io.jackfield.command;

import io.jackfield.protocol.ErrorCode;

/** What the process ends with, one number per kind of failure; {@code jackfield --help} lists them. Append-only. */
public final class ExitCode {

    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    public static final int NO_BROKER = 3;
    public static final int REQUEST = 4;
    public static final int CAPACITY = 5;
    public static final int WORKER = 6;
    public static final int SETUP = 7;
    public static final int INTERNAL = 8;
    public static final int PREREQUISITE = 9;

    private ExitCode() {}

    static int of(ErrorCode code) {
        if (code == ErrorCode.CONNECTION_LOST) {
            return NO_BROKER;
        }
        return switch (code.category()) {
            case REQUEST -> REQUEST;
            case CAPACITY -> CAPACITY;
            case WORKER -> WORKER;
            case PLUGIN, CONFIG -> SETUP;
            case INTERNAL -> INTERNAL;
        };
    }
}
