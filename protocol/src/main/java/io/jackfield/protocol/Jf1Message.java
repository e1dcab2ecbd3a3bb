package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A JF1 message (PROTOCOL.md section 4.1), the same in raw and in Kryo framing. Immutable, and valid by construction: each
 * field is used as the command allows.
 *
 * <p>Body parts are not copied: they are views of what was received or given, which must not change while the message is in
 * use. A reader takes a {@code duplicate()} of a part and leaves the part's own position alone.
 */
public final class Jf1Message {
    private final FixedHeader header;
    private final String service;
    private final Headers headers;
    private final List<ByteBuffer> body;

    private Jf1Message(FixedHeader header, String service, Headers headers, List<ByteBuffer> body) {
        this.header = header;
        this.service = service;
        this.headers = headers;
        this.body = body;
    }

    /**
     * Any message; the factories for each command read better.
     *
     * @param header the fixed header
     * @param service the service's name; empty where the command has none
     * @param headers the headers
     * @param body the body parts
     * @return the message
     * @throws IllegalArgumentException when a field is not used as the command allows
     */
    public static Jf1Message of(FixedHeader header, String service, Headers headers, List<ByteBuffer> body) {
        List<ByteBuffer> parts = new ArrayList<>(body.size());
        for (ByteBuffer part : body) {
            parts.add(part.slice());
        }
        try {
            MessageRules.checkHeader(header);
            MessageRules.checkHeaders(header.command(), headers.encodedBytes());
            MessageRules.checkBody(header, parts);
            if (header.command().needs(Field.SERVICE)) {
                ServiceName.parse(service);
            } else {
                MessageRules.checkNoService(header.command(), service.length());
            }
        } catch (ProtocolException e) {
            throw new IllegalArgumentException(e.message(), e);
        }
        return new Jf1Message(header, service, headers, List.copyOf(parts));
    }

    /** Puts together what a framing has taken apart; the parts are already views of their own. */
    static Jf1Message decoded(FixedHeader header, ByteBuffer service, ByteBuffer headers, List<ByteBuffer> body)
            throws ProtocolException {
        Command command = header.command();
        MessageRules.checkPartCount(header, body.size());
        String name = "";
        if (command.needs(Field.SERVICE)) {
            name = ServiceName.parse(service);
        } else {
            MessageRules.checkNoService(command, service.remaining());
        }
        MessageRules.checkHeaders(command, headers.remaining());
        Headers block = Headers.decode(headers);
        MessageRules.checkBody(header, body);
        return new Jf1Message(header, name, block, List.copyOf(body));
    }

    /**
     * A worker joins, or replaces what it offers.
     *
     * @param heartbeatMs interval that the worker keeps, in milliseconds
     * @param credit requests that it takes at a time, 1 to 65535
     * @param headers {@code worker-id}, {@code kit}, labels
     * @param services 1 to 64 services
     * @return READY
     * @throws IllegalArgumentException when a value is out of range
     */
    public static Jf1Message ready(long heartbeatMs, int credit, Headers headers, List<ServiceDeclaration> services) {
        FixedHeader header = new FixedHeader(Command.READY, Flags.NONE, 0, 0, heartbeatMs, credit);
        return of(
                header,
                "",
                headers,
                services.stream().map(ServiceDeclaration::encode).toList());
    }

    /**
     * The broker accepts a READY.
     *
     * @param heartbeatMs interval that the broker expects, in milliseconds
     * @param services number of services registered
     * @param headers {@code broker-id}, {@code body-bytes-max}
     * @return WELCOME
     * @throws IllegalArgumentException when a value is out of range
     */
    public static Jf1Message welcome(long heartbeatMs, int services, Headers headers) {
        return of(new FixedHeader(Command.WELCOME, Flags.NONE, 0, 0, heartbeatMs, services), "", headers, List.of());
    }

    /**
     * A request with the service's own deadline, first attempt not counted; see {@link #withTimeMs}, {@link #withCount} and
     * {@link #withFlags} for the rest.
     *
     * @param id the sender's, not 0
     * @param service to ask
     * @param headers of the request
     * @param body 1 to 64 parts
     * @return REQUEST
     * @throws IllegalArgumentException when the name is not allowed or a value is out of range
     */
    public static Jf1Message request(long id, String service, Headers headers, List<ByteBuffer> body) {
        return of(new FixedHeader(Command.REQUEST, Flags.NONE, 0, id, 0, 0), service, headers, body);
    }

    /**
     * An answer; final unless the flags say PARTIAL.
     *
     * @param id of the request
     * @param flags PARTIAL, EARLY_EXIT, OBJECT
     * @param headers of the reply
     * @param body 1 to 64 parts
     * @return REPLY
     * @throws IllegalArgumentException when a value is out of range
     */
    public static Jf1Message reply(long id, int flags, Headers headers, List<ByteBuffer> body) {
        return of(new FixedHeader(Command.REPLY, flags, 0, id, 0, 0), "", headers, body);
    }

    /**
     * Tells of a failure.
     *
     * @param id of the request that failed, or 0
     * @param failure what happened
     * @return FAILURE
     */
    public static Jf1Message failure(long id, Failure failure) {
        FixedHeader header =
                new FixedHeader(Command.FAILURE, Flags.NONE, failure.code().number(), id, failure.retryAfterMs(), 0);
        Headers headers =
                failure.hint().isEmpty() ? Headers.EMPTY : Headers.of(Headers.HINT, Headers.fit(failure.hint()));
        return of(header, "", headers, List.of(Utf8.encode(failure.cause())));
    }

    /**
     * The answer to a request is no longer wanted.
     *
     * @param id of the request, not 0
     * @return CANCEL
     * @throws IllegalArgumentException when the id is 0
     */
    public static Jf1Message cancel(long id) {
        return bare(Command.CANCEL, 0, id, 0);
    }

    /**
     * A sign of life.
     *
     * @param answerWanted whether the peer is to answer
     * @return HEARTBEAT
     */
    public static Jf1Message heartbeat(boolean answerWanted) {
        return bare(Command.HEARTBEAT, 0, 0, answerWanted ? 1 : 0);
    }

    /**
     * No new requests from now on.
     *
     * @param inFlight requests still in flight, 0 to 65535
     * @return DRAIN
     * @throws IllegalArgumentException when the number is out of range
     */
    public static Jf1Message drain(int inFlight) {
        return bare(Command.DRAIN, 0, 0, inFlight);
    }

    /**
     * The sender leaves.
     *
     * @param code number of the registry that says why, or 0
     * @return DISCONNECT
     * @throws IllegalArgumentException when the number is out of range
     */
    public static Jf1Message disconnect(int code) {
        return bare(Command.DISCONNECT, code, 0, 0);
    }

    /**
     * The same message under another id.
     *
     * @param id of the request, in the numbering of the receiver
     * @return a new message over the same body
     * @throws IllegalArgumentException when the command does not allow that id
     */
    public Jf1Message withId(long id) {
        return withHeader(
                new FixedHeader(header.command(), header.flags(), header.code(), id, header.timeMs(), header.count()));
    }

    /**
     * The same message with another time.
     *
     * @param timeMs in milliseconds, 0 to 4294967295
     * @return a new message over the same body
     * @throws IllegalArgumentException when the command does not allow it
     */
    public Jf1Message withTimeMs(long timeMs) {
        return withHeader(
                new FixedHeader(header.command(), header.flags(), header.code(), header.id(), timeMs, header.count()));
    }

    /**
     * The same message with another count; of a REQUEST to a worker, the attempt, from 1.
     *
     * @param count 0 to 65535
     * @return a new message over the same body
     * @throws IllegalArgumentException when the command does not allow it
     */
    public Jf1Message withCount(int count) {
        return withHeader(
                new FixedHeader(header.command(), header.flags(), header.code(), header.id(), header.timeMs(), count));
    }

    /**
     * The same message with other flags.
     *
     * @param flags all flags of the new message
     * @return a new message over the same body
     * @throws IllegalArgumentException when the command does not allow them
     */
    public Jf1Message withFlags(int flags) {
        return withHeader(
                new FixedHeader(header.command(), flags, header.code(), header.id(), header.timeMs(), header.count()));
    }

    /**
     * The same message under another fixed header of the same command: id, time and count in one step.
     *
     * @param changed the new header
     * @return a new message over the same body
     * @throws IllegalArgumentException when the command is another, or does not allow the values
     */
    public Jf1Message withHeader(FixedHeader changed) {
        if (changed.command() != header.command()) {
            throw new IllegalArgumentException(
                    "command: " + changed.command() + " (expected: " + header.command() + ")");
        }
        try {
            MessageRules.checkHeader(changed);
            MessageRules.checkPartCount(changed, body.size());
        } catch (ProtocolException e) {
            throw new IllegalArgumentException(e.message(), e);
        }
        return new Jf1Message(changed, service, headers, body);
    }

    /** The same message over a body of its own, for one that must outlive the buffer it was received in. */
    public Jf1Message copied() {
        List<ByteBuffer> copies = new ArrayList<>(body.size());
        for (ByteBuffer part : body) {
            byte[] copy = new byte[part.remaining()];
            part.get(part.position(), copy);
            copies.add(ByteBuffer.wrap(copy));
        }
        return new Jf1Message(header, service, headers, List.copyOf(copies));
    }

    /** The fixed header. */
    public FixedHeader header() {
        return header;
    }

    /** What the message is for. */
    public Command command() {
        return header.command();
    }

    /** The request id, unsigned; 0 where there is none. */
    public long id() {
        return header.id();
    }

    /** The service's name; empty where the command has none. */
    public String service() {
        return service;
    }

    /** The headers. */
    public Headers headers() {
        return headers;
    }

    /** The body parts: an unmodifiable list of views. */
    public List<ByteBuffer> body() {
        return body;
    }

    /** The size of all body parts together. */
    public long bodyBytes() {
        long bytes = 0;
        for (ByteBuffer part : body) {
            bytes += part.remaining();
        }
        return bytes;
    }

    /** Whether the body is an object that only the kits' Kryo opens, and raw framing cannot carry. */
    public boolean isObject() {
        return header.has(Flags.OBJECT);
    }

    /** The services of a READY; empty for other commands. */
    public List<ServiceDeclaration> declarations() {
        if (command() != Command.READY) {
            return List.of();
        }
        List<ServiceDeclaration> declarations = new ArrayList<>(body.size());
        try {
            for (ByteBuffer part : body) {
                declarations.add(ServiceDeclaration.decode(part));
            }
        } catch (ProtocolException e) {
            throw new IllegalStateException("the body of a READY was changed after it was checked", e);
        }
        return declarations;
    }

    /**
     * What a FAILURE says. A code that this build does not know becomes {@code INTERNAL_ERROR}, with its number in the cause.
     *
     * @return the failure
     * @throws IllegalStateException when the message is no FAILURE
     */
    public Failure failure() {
        if (command() != Command.FAILURE) {
            throw new IllegalStateException("command: " + command() + " (expected: FAILURE)");
        }
        String cause = Utf8.decodeChecked(body.get(0));
        ErrorCode code = ErrorCode.of(header.code()).orElse(ErrorCode.INTERNAL_ERROR);
        String known = code.number() == header.code() ? cause : "code " + header.code() + ": " + cause;
        return new Failure(code, known, headers.value(Headers.HINT).orElse(""), header.timeMs());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Jf1Message message
                && header.equals(message.header)
                && service.equals(message.service)
                && headers.equals(message.headers)
                && body.equals(message.body);
    }

    @Override
    public int hashCode() {
        return 31 * header.hashCode() + body.hashCode();
    }

    @Override
    public String toString() {
        String to = service.isEmpty() ? "" : " " + service;
        return command() + " " + Long.toUnsignedString(id()) + to + ", body parts: " + body.size() + ", bytes: "
                + bodyBytes();
    }

    private static Jf1Message bare(Command command, int code, long id, int count) {
        return of(new FixedHeader(command, Flags.NONE, code, id, 0, count), "", Headers.EMPTY, List.of());
    }
}
