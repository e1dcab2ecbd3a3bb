package io.jackfield.broker.transport.differential;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ServiceDeclaration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A worker in one dialect, on a DEALER socket. One thread. */
final class DialectWorker {
    private static final int MDP_REQUEST = 2;
    private static final int MDP_HEARTBEAT = 4;
    private static final long HEARTBEAT_MS = 60_000;

    final String name;
    final String service;
    final Wire wire;
    private final boolean mdp;

    /** A request in the worker's hands: its token or id, and its body. */
    record Task(long id, String text) {}

    DialectWorker(String name, String service, ZmtpSocket socket, Wire.Form form) {
        this.name = name + " (" + form + ")";
        this.service = service;
        this.wire = new Wire(socket, form);
        this.mdp = form == Wire.Form.MDP;
    }

    boolean knowsCancel() {
        return !mdp;
    }

    /** READY; a JF1 worker waits for its WELCOME. */
    void join() throws Exception {
        if (mdp) {
            wire.send(List.of(Wire.bytes(""), Wire.bytes("MDPW01"), new byte[] {1}, Wire.bytes(service)));
        } else {
            wire.send(Jf1Message.ready(
                    HEARTBEAT_MS, 4, Headers.of(Headers.WORKER_ID, name), List.of(ServiceDeclaration.of(service))));
            if (wire.message().command() != Command.WELCOME) {
                throw new AssertionError(name + " is not welcome");
            }
        }
    }

    /** What came since the last time, if it is a request. */
    Optional<Task> task() throws Exception {
        List<byte[]> frames = wire.poll();
        if (frames.isEmpty()) {
            return Optional.empty();
        }
        if (!mdp) {
            Jf1Message message = wire.decoded(frames);
            return message.command() == Command.REQUEST
                    ? Optional.of(new Task(message.id(), message.service() + Wire.text(message)))
                    : Optional.empty();
        }
        int command = frames.get(2)[0];
        if (command == MDP_HEARTBEAT) {
            return Optional.empty();
        }
        if (command != MDP_REQUEST) {
            throw new AssertionError(name + " was sent MDP command " + command);
        }
        return Optional.of(new Task(
                ByteBuffer.wrap(frames.get(3)).getLong(), service + Wire.digest(frames.subList(5, frames.size()))));
    }

    void reply(Task task, List<byte[]> body, int flags) throws IOException {
        if (mdp) {
            List<byte[]> frames = new ArrayList<>(List.of(
                    Wire.bytes(""),
                    Wire.bytes("MDPW01"),
                    new byte[] {3},
                    ByteBuffer.allocate(Long.BYTES).putLong(task.id).array(),
                    Wire.bytes("")));
            frames.addAll(body);
            wire.send(frames);
        } else {
            wire.send(Jf1Message.reply(
                    task.id,
                    flags,
                    Headers.EMPTY,
                    body.stream().map(ByteBuffer::wrap).toList()));
        }
    }

    /** A reply that more follow; workers without partial replies say nothing. */
    void partial(Task task, List<byte[]> body) throws IOException {
        if (!mdp) {
            reply(task, body, Flags.PARTIAL);
        }
    }

    void fail(Task task, ErrorCode code) throws IOException {
        wire.send(Jf1Message.failure(task.id, Failure.of(code, "on purpose", "")));
    }
}
