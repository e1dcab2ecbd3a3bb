package io.jackfield.broker.peer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the reasons go that no peer can be told; each is told once per peer. */
public interface PeerLog {
    /** Somebody broke a rule, or was refused. */
    void warn(String line);

    /** A bug of the broker. */
    void error(String line, RuntimeException cause);

    /** The broker's own log. */
    static PeerLog toLogger() {
        Logger logger = LoggerFactory.getLogger(PeerRegistry.class);
        return new PeerLog() {
            @Override
            public void warn(String line) {
                logger.warn(line);
            }

            @Override
            public void error(String line, RuntimeException cause) {
                logger.error(line, cause);
            }
        };
    }
}
