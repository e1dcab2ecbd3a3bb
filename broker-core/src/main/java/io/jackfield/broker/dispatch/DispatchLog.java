package io.jackfield.broker.dispatch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where bugs of reply routes and workers are told that the dispatcher met on its way; the requests of others go on. */
@FunctionalInterface
public interface DispatchLog {
    /** Somebody that the dispatcher called threw an exception. */
    void error(String line, RuntimeException cause);

    /** The broker's own log. */
    static DispatchLog toLogger() {
        Logger logger = LoggerFactory.getLogger(Dispatcher.class);
        return logger::error;
    }
}
