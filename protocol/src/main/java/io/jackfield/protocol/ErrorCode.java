package io.jackfield.protocol;

import java.util.Optional;

/**
 * The registry of failures (PROTOCOL.md section 5): the same numbers, names and meanings in every language and dialect.
 * Append-only; {@code protocol/data/error-codes.tsv} is the source, and a test holds this list equal to it line by line.
 */
public enum ErrorCode {
    /** The message breaks the protocol. */
    BAD_MESSAGE(1, Category.REQUEST, false, 400, "The message breaks the protocol."),
    /** The command is not known. */
    UNKNOWN_COMMAND(2, Category.REQUEST, false, 400, "The command is not known."),
    /** The protocol version is not spoken here. */
    UNSUPPORTED_VERSION(3, Category.REQUEST, false, 400, "The protocol version is not spoken here."),
    /** The body is larger than the limit. */
    TOO_LARGE(4, Category.REQUEST, false, 413, "The body is larger than the limit."),
    /** The service cannot read the request. */
    BAD_REQUEST(5, Category.REQUEST, false, 400, "The service cannot read the request."),
    /** No service of that name exists. */
    NO_SUCH_SERVICE(6, Category.REQUEST, false, 404, "No service of that name exists."),
    /** The queue or another limit is full. */
    OVERLOADED(7, Category.CAPACITY, true, 503, "The queue or another limit is full."),
    /** No reply came before the deadline. */
    DEADLINE_EXCEEDED(8, Category.WORKER, true, 504, "No reply came before the deadline."),
    /** The worker went away while it had the request. */
    WORKER_LOST(9, Category.WORKER, false, 502, "The worker went away while it had the request."),
    /** The client cancelled the request or went away. */
    CANCELLED(10, Category.REQUEST, false, 499, "The client cancelled the request or went away."),
    /** The broker is shutting down and takes no new requests. */
    DRAINING(11, Category.CAPACITY, true, 503, "The broker is shutting down and takes no new requests."),
    /** The service failed while it handled the request. */
    HANDLER_FAILED(12, Category.WORKER, false, 500, "The service failed while it handled the request."),
    /** The body cannot be carried in the receiver's framing. */
    UNSUPPORTED_BODY(13, Category.REQUEST, false, 415, "The body cannot be carried in the receiver's framing."),
    /** The worker must send READY first. */
    NOT_READY(14, Category.REQUEST, false, 409, "The worker must send READY first."),
    /** The service name is not allowed. */
    BAD_SERVICE_NAME(15, Category.REQUEST, false, 400, "The service name is not allowed."),
    /** A request with that id is in flight already. */
    DUPLICATE_REQUEST_ID(16, Category.REQUEST, false, 409, "A request with that id is in flight already."),
    /** The limit of service names is reached. */
    TOO_MANY_SERVICES(17, Category.CAPACITY, false, 503, "The limit of service names is reached."),
    /** The socket type or mechanism of the peer cannot be served here. */
    UNSUPPORTED_PEER(
            18, Category.REQUEST, false, 400, "The socket type or mechanism of the peer cannot be served here."),
    /** Too many connections. */
    PEER_LIMIT(19, Category.CAPACITY, true, 503, "Too many connections."),
    /** The peer does not read what it is sent. */
    SLOW_READER(20, Category.REQUEST, false, 503, "The peer does not read what it is sent."),
    /** The request did not arrive in time. */
    SLOW_SENDER(21, Category.REQUEST, false, 408, "The request did not arrive in time."),
    /** The HTTP method is not allowed here. */
    METHOD_NOT_ALLOWED(22, Category.REQUEST, false, 405, "The HTTP method is not allowed here."),
    /** No HTTP route has that path. */
    NO_SUCH_ROUTE(23, Category.REQUEST, false, 404, "No HTTP route has that path."),
    /** The broker failed; its log says more. */
    INTERNAL_ERROR(24, Category.INTERNAL, false, 500, "The broker failed; its log says more."),
    /** The plugin jar cannot be read. */
    PLUGIN_UNREADABLE(25, Category.PLUGIN, false, 500, "The plugin jar cannot be read."),
    /** The plugin's manifest lacks an entry or has a wrong one. */
    PLUGIN_BAD_MANIFEST(26, Category.PLUGIN, false, 500, "The plugin's manifest lacks an entry or has a wrong one."),
    /** The plugin offers no handler. */
    PLUGIN_NO_HANDLER(27, Category.PLUGIN, false, 500, "The plugin offers no handler."),
    /** The plugin contains classes of the plugin API. */
    PLUGIN_BUNDLES_API(28, Category.PLUGIN, false, 500, "The plugin contains classes of the plugin API."),
    /** Another plugin serves a service of that name. */
    PLUGIN_SERVICE_TAKEN(29, Category.PLUGIN, false, 500, "Another plugin serves a service of that name."),
    /** The plugin needs something this host does not have. */
    PLUGIN_INCOMPATIBLE(30, Category.PLUGIN, false, 500, "The plugin needs something this host does not have."),
    /** The plugin or a handler of it failed to start. */
    PLUGIN_START_FAILED(31, Category.PLUGIN, false, 500, "The plugin or a handler of it failed to start."),
    /** The configuration has an error. */
    CONFIG_INVALID(32, Category.CONFIG, false, 500, "The configuration has an error."),
    /** The address cannot be bound. */
    BIND_FAILED(33, Category.CONFIG, false, 500, "The address cannot be bound."),
    /** The HTTP request line or headers are larger than the limit. */
    HEADERS_TOO_LARGE(34, Category.REQUEST, false, 431, "The HTTP request line or headers are larger than the limit."),
    /** The connection to the broker was lost while the request was under way. */
    CONNECTION_LOST(
            35, Category.WORKER, false, 502, "The connection to the broker was lost while the request was under way."),
    /** The web page, or the name that it used, may not use the gateway. */
    FORBIDDEN_ORIGIN(
            36, Category.REQUEST, false, 403, "The web page, or the name that it used, may not use the gateway."),
    /** What was asked is not permitted here. */
    NOT_PERMITTED(37, Category.REQUEST, false, 403, "What was asked is not permitted here."),
    /** No plugin of that id is here. */
    NO_SUCH_PLUGIN(38, Category.REQUEST, false, 404, "No plugin of that id is here."),
    /** The plugin's jar is not on the list of trusted jars. */
    PLUGIN_NOT_TRUSTED(39, Category.PLUGIN, false, 500, "The plugin's jar is not on the list of trusted jars."),
    /** The plugin did worse than the one it replaced. */
    PLUGIN_ROLLED_BACK(40, Category.PLUGIN, false, 500, "The plugin did worse than the one it replaced."),

    /** A plugin that it depends on, or that depends on it, does not fit. */
    PLUGIN_DEPENDENCY(
            41, Category.PLUGIN, false, 500, "A plugin that it depends on, or that depends on it, does not fit.");

    /** Who can mend a failure. */
    public enum Category {
        /** The asker can mend it. */
        REQUEST,
        /** Trying again later may help. */
        CAPACITY,
        /** Whoever did the work failed. */
        WORKER,
        /** Whoever runs the broker can mend it: a plugin. */
        PLUGIN,
        /** Whoever runs the broker can mend it: the configuration. */
        CONFIG,
        /** A bug of the broker. */
        INTERNAL
    }

    private static final ErrorCode[] BY_NUMBER = byNumber();

    private final int number;
    private final Category category;
    private final boolean retryable;
    private final int httpStatus;
    private final String text;

    ErrorCode(int number, Category category, boolean retryable, int httpStatus, String text) {
        this.number = number;
        this.category = category;
        this.retryable = retryable;
        this.httpStatus = httpStatus;
        this.text = text;
    }

    /**
     * Finds a code by its number on the wire.
     *
     * @param number any number
     * @return the code, or empty: a newer peer may know codes that this build does not
     */
    public static Optional<ErrorCode> of(int number) {
        return number > 0 && number < BY_NUMBER.length ? Optional.of(BY_NUMBER[number]) : Optional.empty();
    }

    /** The number on the wire, 1 to 65535. */
    public int number() {
        return number;
    }

    /** Who can mend it. */
    public Category category() {
        return category;
    }

    /** Whether the same request may succeed later. */
    public boolean retryable() {
        return retryable;
    }

    /** The status of an HTTP reply with this failure. */
    public int httpStatus() {
        return httpStatus;
    }

    /** One English sentence: the {@code title} of an HTTP problem. */
    public String text() {
        return text;
    }

    /** The {@code type} of an HTTP problem. */
    public String problemType() {
        return "urn:jackfield:error:" + name();
    }

    private static ErrorCode[] byNumber() {
        ErrorCode[] codes = new ErrorCode[values().length + 1];
        for (ErrorCode code : values()) {
            codes[code.number] = code;
        }
        codes[0] = codes[1];
        return codes;
    }
}
