package io.jackfield.broker.peer;

/** What a peer speaks, for the life of its connection (PROTOCOL.md 1). */
public enum Dialect {
    /** No protocol at all: bodies, and a token between broker and worker. */
    PLAIN,
    /** Majordomo: 0.1 (RFC 7) or 0.2 (RFC 18), as the first frame says. */
    MDP,
    /** Our own, in raw or Kryo framing. */
    JF1
}
