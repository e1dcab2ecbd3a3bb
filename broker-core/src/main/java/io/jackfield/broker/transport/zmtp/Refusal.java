package io.jackfield.broker.transport.zmtp;

/** Why a connection was ended by us. The name begins the reason in the log and in {@code closed}; each is counted. */
public enum Refusal {
    /** The first bytes are not those of ZMTP. */
    NOT_ZMTP,
    /** The peer speaks ZMTP 1 or 2. */
    OLD_VERSION,
    /** The peer wants a security mechanism that is not served here. */
    WRONG_MECHANISM,
    /** The peer's socket type is unknown or not served at this endpoint. */
    WRONG_SOCKET_TYPE,
    /** The peer refused us with an ERROR command. */
    REFUSED_BY_PEER,
    /** A frame breaks RFC 37. */
    BAD_FRAME,
    /** A command breaks RFC 37, or comes out of order. */
    BAD_COMMAND,
    /** The handshake took longer than {@code handshake-time}. */
    HANDSHAKE_TIME,
    /** A frame is longer than {@code frame-bytes-max}. */
    FRAME_BYTES,
    /** A command is longer than {@link ZmtpLimits#commandBytesMax}: 8 KiB, which no key of the configuration changes. */
    COMMAND_BYTES,
    /** A message is longer than {@code message-bytes-max}. */
    MESSAGE_BYTES,
    /** A message has more frames than {@code message-frames-max}. */
    MESSAGE_FRAMES,
    /** A message was begun and not completed within {@code message-time}. */
    MESSAGE_TIME,
    /** What waits of the input of all peers together passes {@code input-bytes-max}, and this one has most. */
    INPUT_BYTES,
    /** There are {@code peers-max} connections already. */
    PEER_LIMIT,
    /**
     * Nothing came for {@code ping-timeout} from a peer that has read what it was sent, nor from the host of one that has not; or for the TTL
     * that the peer announced.
     */
    SILENT,
    /** There are {@code peers-per-address-max} connections from the peer's address already. */
    ADDRESS_LIMIT,
    /** The oldest of {@code handshakes-max} connections in the handshake when another came. */
    HANDSHAKE_LIMIT,
    /** All peers together were sent more than {@code output-bytes-total-max} that they have not read, and this one most. */
    OUTPUT_BYTES,
    /** What the peer was sent and has not read passes {@code output-bytes-max}. */
    SLOW_READER,
    /** The broker failed; its log says more. */
    INTERNAL_ERROR;

    /** A misfit that trying again cannot mend: the peer is told with an ERROR command, after which ZeroMQ peers do not come back. */
    boolean permanent() {
        return this == WRONG_MECHANISM || this == WRONG_SOCKET_TYPE;
    }
}
