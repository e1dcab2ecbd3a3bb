package io.jackfield.broker.peer;

/** What peers do that is counted. */
public enum PeerEvent {
    /** A message that breaks the rules of its dialect. */
    BAD_MESSAGE,
    /** A reply to nothing in flight on its connection: late, cancelled or invented. */
    STRAY_REPLY,
    /** A partial reply for a client whose dialect knows only one reply. */
    PARTIAL_DROPPED,
    /** A request over one of the peer's own limits. */
    REQUEST_REFUSED,
    /** A worker whose registration was refused. */
    WORKER_REFUSED,
    /** An idle worker that was silent for too long. */
    WORKER_SILENT,
    /** An empty frame before anything else (PROBE_ROUTER). */
    PROBE,
    /** A FAILURE that answers no request: the peer says that we broke its rules. */
    COMPLAINT,
    /** A message that a subscriber did not get, for too much waits to be read by it. */
    DROPPED,
    /** A message of a subscriber that is no subscription: an XSUB may send them, and there is nobody whom they are for. */
    NOT_A_SUBSCRIPTION,
    /** A subscriber closed for a subscription over a limit. */
    SUBSCRIPTION_REFUSED,
    /** A third PAIR peer. */
    PAIR_REFUSED,
    /** A bug of the broker that a message brought to light. */
    INTERNAL_ERROR
}
