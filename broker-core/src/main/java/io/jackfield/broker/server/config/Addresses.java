package io.jackfield.broker.server.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The forms of addresses that the configuration takes. */
final class Addresses {
    static final String ENDPOINT_FORM = "tcp://HOST:PORT or ipc://PATH, for example tcp://127.0.0.1:5555";
    static final String HTTP_FORM = "HOST:PORT, for example 127.0.0.1:8080";

    private static final String TCP = "tcp://";
    private static final String IPC = "ipc://";
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(\\*|[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+]):([0-9]{1,5})");
    private static final int PORT_MAX = 65_535;

    private Addresses() {}

    static boolean isEndpoint(String text) {
        return isTcp(text) || (text.startsWith(IPC) && text.length() > IPC.length());
    }

    static boolean isTcp(String text) {
        return text.startsWith(TCP) && isHostAndPort(text.substring(TCP.length()));
    }

    static boolean isHostAndPort(String text) {
        Matcher matcher = HOST_AND_PORT.matcher(text);
        return matcher.matches() && Integer.parseInt(matcher.group(2)) <= PORT_MAX;
    }
}
