package io.jackfield.broker.peer;

import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The words of one version of MDP (PROTOCOL.md 3). The two differ in the numbers of commands, and in what clients hear. Immutable. */
final class Mdp {
    /** RFC 7: a client's messages have no command, and it hears one reply. */
    static final Mdp V01 = new Mdp("mdp-0.1", "01", false);

    /** RFC 18: partial replies. */
    static final Mdp V02 = new Mdp("mdp-0.2", "02", true);

    /** What a worker is told, and tells, in the order of the numbers; FINAL is the one REPLY of version 0.1, which has no PARTIAL. */
    enum WorkerCommand {
        READY,
        REQUEST,
        PARTIAL,
        FINAL,
        HEARTBEAT,
        DISCONNECT
    }

    static final byte CLIENT_REQUEST = 1;

    private static final byte[] CLIENT_PARTIAL = {2};
    private static final byte[] CLIENT_FINAL = {3};

    private final String dialect;
    private final byte[] client;
    private final byte[] worker;
    private final boolean partials;

    /** By their numbers, from 1. */
    private final List<WorkerCommand> commands;

    private final Map<WorkerCommand, byte[]> frames = new EnumMap<>(WorkerCommand.class);

    private Mdp(String dialect, String version, boolean partials) {
        this.dialect = dialect;
        this.partials = partials;
        this.client = ("MDPC" + version).getBytes(StandardCharsets.US_ASCII);
        this.worker = ("MDPW" + version).getBytes(StandardCharsets.US_ASCII);
        this.commands = Arrays.stream(WorkerCommand.values())
                .filter(command -> partials || command != WorkerCommand.PARTIAL)
                .toList();
        for (int i = 0; i < commands.size(); i++) {
            frames.put(commands.get(i), new byte[] {(byte) (i + 1)});
        }
    }

    /** For people: {@code mdp-0.1}. */
    String dialect() {
        return dialect;
    }

    byte[] clientHeader() {
        return client;
    }

    byte[] workerHeader() {
        return worker;
    }

    /** Frames of a client's message before the body, from the header on: with the command that only 0.2 has, and the service. */
    int clientHeadFrames() {
        return partials ? 3 : 2;
    }

    /** True in 0.2: workers may send several replies, and what a client sends and hears has a command. */
    boolean hasPartials() {
        return partials;
    }

    /** The command of that number; null if there is none. */
    @Nullable
    WorkerCommand command(byte number) {
        return number >= 1 && number <= commands.size() ? commands.get(number - 1) : null;
    }

    /** Begins a message to a worker: what stands before its command's own frames. */
    MessageWriter toWorker(Connection connection, Prefix prefix, WorkerCommand command) {
        return prefix.begin(connection).frame(worker).frame(frame(command));
    }

    /** Sends a worker a command without frames of its own. */
    void tell(Connection connection, Prefix prefix, WorkerCommand command) {
        prefix.begin(connection).frame(worker).end(frame(command));
    }

    /** Begins a reply to a client: what stands before its body. */
    MessageWriter toClient(Connection connection, Prefix prefix, byte[] service, boolean partial) {
        MessageWriter writer = prefix.begin(connection).frame(client);
        if (partials) {
            writer.frame(partial ? CLIENT_PARTIAL : CLIENT_FINAL);
        }
        return writer.frame(service);
    }

    private byte[] frame(WorkerCommand command) {
        byte[] frame = frames.get(command);
        if (frame == null) {
            throw new IllegalArgumentException(dialect + " has no " + command);
        }
        return frame;
    }
}
