package io.jackfield.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wakes a thread that waits in a poll. Any thread wakes; the waiting one drains. */
final class Wakeup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Wakeup.class);
    private static final int DRAIN_BYTES = 64;

    private final Pipe pipe;
    private final AtomicBoolean pending = new AtomicBoolean();
    private final ByteBuffer drained = ByteBuffer.allocate(DRAIN_BYTES);

    Wakeup() {
        try {
            pipe = Pipe.open();
            pipe.source().configureBlocking(false);
            pipe.sink().configureBlocking(false);
        } catch (IOException e) {
            throw new UncheckedIOException("no pipe can be opened", e);
        }
    }

    SelectableChannel channel() {
        return pipe.source();
    }

    /** At most one byte is on its way at a time, so writing it never blocks. */
    void wake() {
        if (pending.compareAndSet(false, true)) {
            try {
                pipe.sink().write(ByteBuffer.allocate(1));
            } catch (IOException e) {
                LOG.debug("nobody waits any more", e);
            }
        }
    }

    void drain() {
        if (!pending.get()) {
            return;
        }
        try {
            drained.clear();
            // The byte first, then the flag: a wake-up in between writes another byte, and none is lost.
            while (pipe.source().read(drained) > 0) {
                drained.clear();
            }
            pending.set(false);
        } catch (IOException e) {
            throw new UncheckedIOException("the wake-up pipe is broken", e);
        }
    }

    @Override
    public void close() {
        try {
            pipe.sink().close();
            pipe.source().close();
        } catch (IOException e) {
            LOG.debug("closing a pipe", e);
        }
    }
}
