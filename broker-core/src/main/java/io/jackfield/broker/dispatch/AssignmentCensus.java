package io.jackfield.broker.dispatch;

/** How many requests the dispatcher has, and their bytes. */
final class AssignmentCensus {
    private int waitedFor;
    private int abandoned;
    private long bytes;

    /** Admitted and not ended. */
    int waitedFor() {
        return waitedFor;
    }

    /** Ended for the client, still with a worker. */
    int abandonedCount() {
        return abandoned;
    }

    /** All that take a place. */
    int count() {
        return waitedFor + abandoned;
    }

    long bytes() {
        return bytes;
    }

    void admitted(int requestBytes) {
        waitedFor++;
        bytes += requestBytes;
    }

    void left(int requestBytes) {
        waitedFor--;
        bytes -= requestBytes;
    }

    void abandoned() {
        abandoned++;
    }

    void forgotten() {
        abandoned--;
    }
}
