package io.jackfield.protocol;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code HOST:PORT}, the one form of it that everything of ours takes. HOST: a name, an IPv4 address, an IPv6 address in brackets, and
 * where one listens also the name of a network interface, or {@code *} for all of them. PORT: 0 to 65535, or {@code *} for 0; where one
 * listens, 0 takes a free one.
 *
 * @param host as written: an IPv6 address with its brackets
 * @param port 0 to 65535
 */
public record HostAndPort(String host, int port) {
    /** What to tell a person who wrote something else. */
    public static final String FORM = "HOST:PORT, the host a name, an IPv4 address, an IPv6 address in brackets, or *";

    private static final Pattern TEXT =
            Pattern.compile("(\\[[0-9a-fA-F:.%\\w]+]|\\*|[^\\[\\]:/*\\s]+):([0-9]{1,5}|\\*)");
    private static final int PORT_MAX = 65_535;

    /**
     * Reads the text.
     *
     * @param text any text
     * @return what it says, or nothing if it is no host and port
     */
    public static Optional<HostAndPort> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int port = matcher.group(2).equals("*") ? 0 : Integer.parseInt(matcher.group(2));
        return port > PORT_MAX ? Optional.empty() : Optional.of(new HostAndPort(matcher.group(1), port));
    }

    /** The host without the brackets of an IPv6 address, as operating systems and resolvers want it. */
    public String bareHost() {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Whether one can connect to it: a host, not all of them, and a port. */
    public boolean isConnectable() {
        return port > 0 && !host.equals("*");
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
