package io.jackfield.broker.supervise.os;

import io.jackfield.broker.supervise.Connections;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How a process and what it has started are connected, as Linux tells it (proc(5)): {@code /proc/PID/fd} names its sockets, {@code
 * /proc/net/tcp} where they lead. Reads files: not for the broker loop.
 */
final class ProcessConnections {
    private static final Path PROC = Path.of("/proc");
    private static final String SOCKET = "socket:[";

    /** Columns of {@code /proc/net/tcp}. */
    private static final int LOCAL = 1;

    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String LISTENING = "0A";

    private final Set<Long> pids = new HashSet<>();
    private final Set<String> sockets = new HashSet<>();
    private String unseen = "";

    private ProcessConnections() {}

    static Connections of(ProcessHandle process) {
        ProcessConnections found = new ProcessConnections();
        Stream.concat(Stream.of(process), process.descendants())
                .map(ProcessHandle::pid)
                .forEach(found.pids::add);
        if (!Files.isDirectory(PROC.resolve("self/fd"))) {
            return new Connections(found.pids, Set.of(), "this operating system has no /proc as Linux has");
        }
        found.pids.forEach(found::lookAt);
        return new Connections(found.pids, found.addresses(), found.unseen);
    }

    private void lookAt(long pid) {
        Path of = PROC.resolve(Long.toString(pid));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(of.resolve("fd"))) {
            if (!target(of.resolve("ns/net")).equals(target(PROC.resolve("self/ns/net")))) {
                unseen = "process " + pid + " is in another network namespace";
            }
            for (Path file : files) {
                addIfSocket(file);
            }
        } catch (NoSuchFileException gone) {
            // A process that has ended has no connections.
        } catch (IOException | UncheckedIOException e) {
            unseen = "the files of process " + pid + " cannot be listed: " + e;
        }
    }

    private void addIfSocket(Path file) throws IOException {
        try {
            String target = target(file);
            if (target.startsWith(SOCKET)) {
                sockets.add(target.substring(SOCKET.length(), target.length() - 1));
            }
        } catch (NoSuchFileException closed) {
            // Meanwhile.
        }
    }

    private static String target(Path link) throws IOException {
        return Files.readSymbolicLink(link).toString();
    }

    private Set<String> addresses() {
        Set<String> addresses = new HashSet<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            try (Stream<String> lines = Files.lines(PROC.resolve(table))) {
                lines.skip(1)
                        .map(line -> line.strip().split("\\s+", -1))
                        .filter(columns -> columns.length > INODE
                                && sockets.contains(columns[INODE])
                                && !columns[STATE].equals(LISTENING))
                        .forEach(columns -> addresses.add(text(columns[LOCAL])));
            } catch (NoSuchFileException none) {
                // Without IPv6 there is no table of it.
            } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
                unseen = "/proc/" + table + " cannot be read: " + e;
            }
        }
        return addresses;
    }

    /**
     * As a peer's address is written.
     *
     * @param hex {@code 0100007F:A122}: words of the machine's byte order, and the port
     */
    static String text(String hex) {
        int colon = hex.indexOf(':');
        ByteBuffer bytes = ByteBuffer.allocate(colon / 2).order(ByteOrder.nativeOrder());
        for (int i = 0; i < colon; i += 8) {
            bytes.putInt(Integer.parseUnsignedInt(hex.substring(i, i + 8), 16));
        }
        try {
            String host = InetAddress.getByAddress(bytes.array()).getHostAddress();
            int port = Integer.parseInt(hex.substring(colon + 1), 16);
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        } catch (IOException e) {
            throw new IllegalArgumentException("address: " + hex + " (expected: 8 or 32 digits, a colon, a port)", e);
        }
    }
}
