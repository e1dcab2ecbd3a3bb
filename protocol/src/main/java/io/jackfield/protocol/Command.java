package io.jackfield.protocol;

import java.util.Optional;

/** What a JF1 message is for, and which of its fields that uses: the table of PROTOCOL.md section 4.1. */
public enum Command {
    /** Worker to broker: registers, replaces its services and credit. */
    READY(1, Field.TIME | Field.COUNT | Field.HEADERS | Field.BODY, Field.COUNT | Field.BODY, Flags.NONE),
    /** Broker to worker: READY was accepted. */
    WELCOME(2, Field.TIME | Field.COUNT | Field.HEADERS, 0, Flags.NONE),
    /** Client to broker and broker to worker: one question. */
    REQUEST(
            3,
            Field.ID | Field.TIME | Field.COUNT | Field.SERVICE | Field.HEADERS | Field.BODY,
            Field.ID | Field.SERVICE | Field.BODY,
            Flags.OBJECT | Flags.IDEMPOTENT),
    /** Worker to broker and broker to client: one of its answers. */
    REPLY(
            4,
            Field.ID | Field.HEADERS | Field.BODY,
            Field.ID | Field.BODY,
            Flags.PARTIAL | Flags.EARLY_EXIT | Flags.OBJECT),
    /** Any direction: why something did not work. */
    FAILURE(5, Field.ID | Field.CODE | Field.TIME | Field.HEADERS | Field.BODY, Field.CODE | Field.BODY, Flags.NONE),
    /** Client to broker and broker to worker: the answer is no longer wanted. */
    CANCEL(6, Field.ID, Field.ID, Flags.NONE),
    /** Any direction: a sign of life. */
    HEARTBEAT(7, Field.COUNT, 0, Flags.NONE),
    /** Any direction: no new requests from now on. */
    DRAIN(8, Field.COUNT, 0, Flags.NONE),
    /** Any direction: the sender leaves. */
    DISCONNECT(9, Field.CODE, 0, Flags.NONE);

    private static final Command[] BY_NUMBER = values();

    private final int number;
    private final int uses;
    private final int needs;
    private final int flags;

    Command(int number, int uses, int needs, int flags) {
        this.number = number;
        this.uses = uses;
        this.needs = needs;
        this.flags = flags;
    }

    /**
     * Finds a command by its number on the wire.
     *
     * @param number any number
     * @return the command, or empty when there is none
     */
    public static Optional<Command> of(int number) {
        return number >= 1 && number <= BY_NUMBER.length ? Optional.of(BY_NUMBER[number - 1]) : Optional.empty();
    }

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The flags that a message of this command may carry, as a mask. */
    public int flagsAllowed() {
        return flags;
    }

    boolean uses(int field) {
        return (uses & field) != 0;
    }

    boolean needs(int field) {
        return (needs & field) != 0;
    }
}
