package io.jackfield.broker.peer;

import io.jackfield.broker.transport.Connection;
import java.nio.charset.StandardCharsets;

/** The words of MDP 0.1 (RFC 7). */
final class Mdp {
    static final byte[] CLIENT = "MDPC01".getBytes(StandardCharsets.US_ASCII);
    static final byte[] WORKER = "MDPW01".getBytes(StandardCharsets.US_ASCII);

    static final byte READY = 1;
    static final byte REQUEST = 2;
    static final byte REPLY = 3;
    static final byte HEARTBEAT = 4;
    static final byte DISCONNECT = 5;

    private static final byte[] HEARTBEAT_FRAME = {HEARTBEAT};
    private static final byte[] DISCONNECT_FRAME = {DISCONNECT};

    private Mdp() {}

    static void heartbeat(Connection connection, Prefix prefix) {
        prefix.begin(connection).frame(WORKER).end(HEARTBEAT_FRAME);
    }

    static void disconnect(Connection connection, Prefix prefix) {
        prefix.begin(connection).frame(WORKER).end(DISCONNECT_FRAME);
    }
}
