package io.jackfield.broker.transport.jeromq;

/** Why a peer was cut off by us. The name begins the reason in the log and in {@code closed}; each is counted. */
public enum Refusal {
    /** The peer's socket type is not served at this endpoint, or JeroMQ cannot serve it as a ROUTER. */
    WRONG_SOCKET_TYPE,
    /** A frame announces a length that no frame can have. */
    BAD_FRAME,
    /** A message is longer than {@code message-bytes-max}. */
    MESSAGE_BYTES,
    /** A message has more frames than {@code message-frames-max}. */
    MESSAGE_FRAMES,
    /** There are {@code peers-max} connections already. */
    PEER_LIMIT,
    /** What the peer was sent and has not taken passes {@code output-bytes-max}. */
    SLOW_READER,
    /** JeroMQ's thread is behind by as many messages as may wait for it. */
    OUTPUT_QUEUE,
    /** Another peer came with the same identity and took it over. */
    IDENTITY_TAKEN,
    /** The broker failed; its log says more. */
    INTERNAL_ERROR
}
