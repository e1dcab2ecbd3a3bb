package io.jackfield.broker.server.config;

import io.jackfield.protocol.HostAndPort;
import java.util.regex.Pattern;

/** The forms of addresses that the configuration takes. */
final class Addresses {
    static final String ENDPOINT_FORM = "tcp://HOST:PORT or ipc://PATH, for example tcp://127.0.0.1:5555";
    static final String HTTP_FORM = "HOST:PORT, for example 127.0.0.1:8080";

    private static final String TCP = "tcp://";
    private static final String IPC = "ipc://";
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[::1]");

    private Addresses() {}

    static boolean isEndpoint(String text) {
        return isTcp(text) || (text.startsWith(IPC) && text.length() > IPC.length());
    }

    static boolean isTcp(String text) {
        return text.startsWith(TCP) && isHostAndPort(text.substring(TCP.length()));
    }

    /** Whether only programs of this machine reach what listens there. */
    static boolean isLocal(String endpoint) {
        String host = endpoint.startsWith(TCP) ? endpoint.substring(TCP.length(), endpoint.lastIndexOf(':')) : "";
        return endpoint.startsWith(IPC) || LOOPBACK.matcher(host).matches();
    }

    static boolean isHostAndPort(String text) {
        return HostAndPort.parse(text).isPresent();
    }
}
