package io.jackfield.broker.transport;

import java.util.Optional;

/** ZeroMQ socket types (RFC 23/37) and what the broker is towards each (the universal endpoint). */
public enum SocketType {
    REQ,
    REP,
    DEALER,
    ROUTER,
    PUB,
    SUB,
    XPUB,
    XSUB,
    PUSH,
    PULL,
    PAIR;

    /** The type of that name as it stands in a READY command; empty for any other text. */
    public static Optional<SocketType> named(String name) {
        for (SocketType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Whether a socket of this type and one of that type may talk to each other (RFC 28 to 31). */
    public boolean fits(SocketType peer) {
        return switch (this) {
            case REQ -> peer == REP || peer == ROUTER;
            case REP -> peer == REQ || peer == DEALER;
            case DEALER -> peer == REP || peer == DEALER || peer == ROUTER;
            case ROUTER -> peer == REQ || peer == DEALER || peer == ROUTER;
            case PUB, XPUB -> peer == SUB || peer == XSUB;
            case SUB, XSUB -> peer == PUB || peer == XPUB;
            case PUSH, PULL, PAIR -> peer == counterpart();
        };
    }

    /** What the broker says it is when a peer says it is this. */
    public SocketType counterpart() {
        return switch (this) {
            case REQ, DEALER -> ROUTER;
            case REP, ROUTER -> DEALER;
            case SUB, XSUB -> XPUB;
            case PUB, XPUB -> XSUB;
            case PUSH -> PULL;
            case PULL -> PUSH;
            case PAIR -> PAIR;
        };
    }
}
