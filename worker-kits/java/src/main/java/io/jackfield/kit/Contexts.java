package io.jackfield.kit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZContext;

/** JeroMQ's contexts, whose threads tell the log what they survive, and nothing to the program's stderr. */
final class Contexts {
    private static final Logger LOG = LoggerFactory.getLogger(Contexts.class);

    private Contexts() {}

    static ZContext open() {
        ZContext context = new ZContext();
        context.setUncaughtExceptionHandler(
                (thread, failure) -> LOG.error("JeroMQ's thread {} has failed", thread.getName(), failure));
        context.setNotificationExceptionHandler(
                (thread, failure) -> LOG.debug("JeroMQ survived a failure on {}", thread.getName(), failure));
        return context;
    }
}
