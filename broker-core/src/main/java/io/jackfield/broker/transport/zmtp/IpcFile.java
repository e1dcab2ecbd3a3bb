package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.BindException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a Unix socket that is listened on. The socket is bound under another name, gets its mode, and only then its own
 * name: nobody can connect before the mode is right, and a stale file is replaced in one step. Made by the thread that binds; removed on
 * the broker loop.
 */
final class IpcFile {
    private static final Logger LOG = LoggerFactory.getLogger(ZmtpTransport.class);

    /** Of a file's mode, its type, and that of a socket (inode(7)). */
    private static final int FILE_TYPE = 0170000;

    private static final int SOCKET = 0140000;

    private final IpcAddress address;
    private final Path beginning;
    private Optional<Object> key = Optional.empty();

    private IpcFile(IpcAddress address, Path beginning) {
        this.address = address;
        this.beginning = beginning;
    }

    /** Makes sure that nobody listens there. */
    static IpcFile claim(IpcAddress address) throws BindException {
        Path path = address.path();
        long pid = ProcessHandle.current().pid();
        Path beginning = path.resolveSibling(".jf" + Long.toString(pid, Character.MAX_RADIX));
        IpcAddress.checkLength(address + " (with room for a temporary name)", beginning);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            checkStale(address);
        }
        removeLeftOver(address, beginning);
        return new IpcFile(address, beginning);
    }

    /** What to bind. */
    Path beginning() {
        return beginning;
    }

    /** Lets peers in, after binding: those whom the mode allows. */
    void publish(int mode) throws BindException {
        try {
            Files.setPosixFilePermissions(beginning, permissions(mode));
            Files.move(beginning, address.path(), StandardCopyOption.ATOMIC_MOVE);
            key = Optional.ofNullable(attributes().fileKey());
        } catch (IOException e) {
            throw new BindException("cannot listen on " + address + ": " + e, e);
        }
    }

    /** Removes the file, unless another program has put its own there. */
    void remove() {
        try {
            if (key.isPresent() && key.get().equals(attributes().fileKey())) {
                Files.delete(address.path());
            }
        } catch (IOException e) {
            LOG.info("{} was not removed: {}", address, e.toString());
        }
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(address.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** A program that was killed at the wrong moment may have had the same process id, as programs in containers do. */
    private static void removeLeftOver(IpcAddress address, Path beginning) throws BindException {
        try {
            Files.deleteIfExists(beginning);
        } catch (IOException e) {
            throw new BindException("cannot listen on " + address + ": " + beginning + " cannot be removed: " + e, e);
        }
    }

    /** A socket file outlives a program that was killed: only connecting tells whether anybody listens. */
    private static void checkStale(IpcAddress address) throws BindException {
        try {
            if (!isSocket(address.path())) {
                throw new BindException("cannot listen on " + address
                        + ": there is a file of that name, and it is no socket; remove it or choose another path");
            }
            probe(address);
        } catch (NoSuchFileException gone) {
            return;
        } catch (IOException e) {
            throw new BindException("cannot listen on " + address + ": " + e, e);
        }
        LOG.info("{} is a socket that nobody listens on any more, and is replaced", address);
    }

    private static void probe(IpcAddress address) throws BindException, IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // a program that is stopped does not accept, and a full backlog would block
            probe.connect(UnixDomainSocketAddress.of(address.path()));
        } catch (ConnectException nobody) {
            return;
        } catch (SocketException other) {
            throw taken(address, other);
        }
        throw taken(address, null);
    }

    private static BindException taken(IpcAddress address, @Nullable SocketException failure) {
        String what = failure == null ? "another program listens there" : "it may be in use: " + failure.getMessage();
        return new BindException(
                "cannot listen on " + address + ": " + what + "; choose another path, or end that program", failure);
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & FILE_TYPE) == SOCKET;
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values(); // from the owner's read to the others' execute
        for (int i = 0; i < all.length; i++) {
            if ((mode & 1 << (all.length - 1 - i)) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }
}
