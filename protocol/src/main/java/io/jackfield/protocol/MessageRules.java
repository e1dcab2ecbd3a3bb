package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.util.List;

/** The rules of PROTOCOL.md section 4.1: which command uses, needs and forbids which field. */
final class MessageRules {
    private MessageRules() {}

    static void checkHeader(FixedHeader header) throws ProtocolException {
        Command command = header.command();
        checkFlags(header);
        checkField(command, Field.ID, "id", header.id());
        checkField(command, Field.CODE, "code", header.code());
        checkField(command, Field.TIME, "time-ms", header.timeMs());
        checkField(command, Field.COUNT, "count", header.count());
        if (command == Command.HEARTBEAT && header.count() > 1) {
            throw ProtocolException.badMessage("count of HEARTBEAT: " + header.count() + " (expected: 0 or 1)");
        }
    }

    /** The service of commands without one; the name itself is checked where it is read. */
    static void checkNoService(Command command, int serviceBytes) throws ProtocolException {
        if (serviceBytes > 0) {
            throw ProtocolException.badMessage(
                    "service of " + command + ": " + serviceBytes + " bytes (expected: none)");
        }
    }

    static void checkHeaders(Command command, int headerBytes) throws ProtocolException {
        if (headerBytes > 0 && !command.uses(Field.HEADERS)) {
            throw ProtocolException.badMessage(
                    "headers of " + command + ": " + headerBytes + " bytes (expected: none)");
        }
    }

    static void checkBody(FixedHeader header, List<ByteBuffer> body) throws ProtocolException {
        Command command = header.command();
        checkPartCount(header, body.size());
        if (command == Command.FAILURE && !Utf8.isValid(body.get(0))) {
            throw ProtocolException.badMessage("cause of FAILURE: not UTF-8 (expected: UTF-8)");
        }
        if (command == Command.READY) {
            for (ByteBuffer part : body) {
                ServiceDeclaration.decode(part);
            }
        }
    }

    static void checkPartCount(FixedHeader header, int parts) throws ProtocolException {
        Command command = header.command();
        int min = command.needs(Field.BODY) ? 1 : 0;
        int max = command.uses(Field.BODY) ? Limits.BODY_PARTS_MAX : 0;
        if (command == Command.FAILURE || header.has(Flags.OBJECT)) {
            max = 1;
        }
        if (parts < min || parts > max) {
            throw ProtocolException.badMessage(
                    "body parts of " + command + ": " + parts + " (expected: " + min + " to " + max + ")");
        }
    }

    private static void checkFlags(FixedHeader header) throws ProtocolException {
        int wrong = header.flags() & ~header.command().flagsAllowed();
        if (wrong != 0) {
            throw ProtocolException.badMessage(String.format(
                    "flags of %s: 0x%02x (expected: none but 0x%02x)",
                    header.command(), header.flags(), header.command().flagsAllowed()));
        }
        if (header.has(Flags.PARTIAL) && header.has(Flags.EARLY_EXIT)) {
            throw ProtocolException.badMessage("flags: PARTIAL and EARLY_EXIT (expected: one of them)");
        }
    }

    private static void checkField(Command command, int field, String name, long value) throws ProtocolException {
        if (value != 0 && !command.uses(field)) {
            throw ProtocolException.badMessage(
                    name + " of " + command + ": " + Long.toUnsignedString(value) + " (expected: 0)");
        }
        if (value == 0 && command.needs(field)) {
            throw ProtocolException.badMessage(name + " of " + command + ": 0 (expected: not 0)");
        }
    }
}
