package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.BindException;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** {@code ipc://PATH}: a Unix domain socket; a relative path begins at the process's working directory. */
record IpcAddress(Path path) implements Address {
    static final String SCHEME = "ipc://";

    /** What a socket address of the operating system has room for, with the zero byte behind it (sun_path, unix(7)). */
    static final int PATH_BYTES_MAX = 107;

    static IpcAddress parse(String address) throws BindException {
        String text = address.substring(SCHEME.length());
        if (text.isEmpty() || text.equals("*") || text.startsWith("@") || text.endsWith("/")) {
            throw new BindException("address: " + address
                    + " (expected: ipc://PATH with the path of a file, for example ipc:///run/jackfield.sock; names that begin"
                    + " with @ are no files and are not served)");
        }
        try {
            IpcAddress parsed = new IpcAddress(Path.of(text));
            checkLength(address, parsed.path);
            return parsed;
        } catch (InvalidPathException e) {
            throw new BindException("address: " + address + " (expected: ipc://PATH; " + e.getReason() + ")", e);
        }
    }

    static void checkLength(String address, Path path) throws BindException {
        int bytes = bytes(path);
        if (bytes > PATH_BYTES_MAX) {
            throw new BindException("length of the path in " + address + ": " + bytes + " bytes (expected: <= "
                    + PATH_BYTES_MAX + ", the operating system has no room for more; a relative path is shorter)");
        }
    }

    /** The same wherever a program runs, unless the operating system has no room for that. */
    IpcAddress absolute() {
        Path absolute = path.toAbsolutePath();
        return bytes(absolute) > PATH_BYTES_MAX ? this : new IpcAddress(absolute);
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** All users of one socket together: the mode of its file says who they are. */
    @Override
    public Object peerKey(Channel connection) {
        return path;
    }

    /** The process where the operating system tells: {@code ipc:///run/jackfield.sock pid 4711}. */
    @Override
    public String peerText(Channel connection) {
        if (connection instanceof EpollDomainSocketChannel unix) {
            try {
                return this + " pid " + unix.peerCredentials().pid();
            } catch (IOException gone) {
                return toString();
            }
        }
        return toString();
    }

    @Override
    public String toString() {
        return SCHEME + path;
    }
}
