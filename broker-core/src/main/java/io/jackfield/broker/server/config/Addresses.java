package io.jackfield.broker.server.config;

import io.jackfield.protocol.HostAndPort;

/** The forms of addresses that the configuration takes. */
final class Addresses {
    static final String ENDPOINT_FORM = "tcp://HOST:PORT or ipc://PATH, for example tcp://127.0.0.1:5555";
    static final String HTTP_FORM = "HOST:PORT, for example 127.0.0.1:8080";

    private static final String TCP = "tcp://";
    private static final String IPC = "ipc://";

    private Addresses() {}

    static boolean isEndpoint(String text) {
        return isTcp(text) || (text.startsWith(IPC) && text.length() > IPC.length());
    }

    static boolean isTcp(String text) {
        return text.startsWith(TCP) && isHostAndPort(text.substring(TCP.length()));
    }

    static boolean isHostAndPort(String text) {
        return HostAndPort.parse(text).isPresent();
    }
}
