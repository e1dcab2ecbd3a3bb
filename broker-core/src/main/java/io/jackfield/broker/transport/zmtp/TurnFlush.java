package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.loop.netty.NettyLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * Flushes every output that was written to, once, at the end of the loop's turn: one system call a peer and turn, however many messages.
 * Owned by the broker loop.
 */
final class TurnFlush {
    private final NettyLoop loop;
    private final Runnable flushAll;
    private final List<Output> written = new ArrayList<>();

    TurnFlush(NettyLoop loop) {
        this.loop = loop;
        this.flushAll = loop.guarded(this::flushAll);
    }

    /** To be called once for an output until its {@link Output#endTurn} was called. */
    void add(Output output) {
        if (written.isEmpty()) {
            loop.afterTurn(flushAll);
        }
        written.add(output);
    }

    /** In the midst of a turn with much to do: flushes those to which many messages were written already. */
    void flushAhead() {
        for (int i = 0; i < written.size(); i++) {
            written.get(i).flushAhead();
        }
    }

    private void flushAll() {
        try {
            for (int i = 0; i < written.size(); i++) { // a flush may add another
                written.get(i).endTurn();
            }
        } finally {
            written.clear();
        }
    }
}
