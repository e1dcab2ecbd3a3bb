package io.jackfield.command;

import io.jackfield.protocol.HostAndPort;
import java.util.Optional;

/** The endpoints that the command can connect to. */
public final class TcpEndpoint {

    private static final String TCP = "tcp://";

    private TcpEndpoint() {}

    /** Reads {@code tcp://HOST:PORT}; anything else ends the command with one line that says why. */
    public static HostAndPort parse(String endpoint) {
        if (endpoint.startsWith("ipc://")) {
            throw new Failure(
                    ExitCode.USAGE,
                    "BAD_ENDPOINT",
                    endpoint + " (expected: tcp://HOST:PORT)",
                    "JeroMQ, through which this command connects, has no Unix sockets: give the broker a tcp:// endpoint"
                            + " beside it");
        }
        return Optional.of(endpoint)
                .filter(text -> text.startsWith(TCP))
                .flatMap(text -> HostAndPort.parse(text.substring(TCP.length())))
                .filter(HostAndPort::isConnectable)
                .orElseThrow(() -> new Failure(
                        ExitCode.USAGE,
                        "BAD_ENDPOINT",
                        endpoint + " (expected: tcp://HOST:PORT)",
                        "for example tcp://127.0.0.1:5555"));
    }
}
