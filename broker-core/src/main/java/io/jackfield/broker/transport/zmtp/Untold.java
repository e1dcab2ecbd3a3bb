package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Transport.ConnectionHandler;

/** The handler of a connection that nobody was told of. */
enum Untold implements ConnectionHandler {
    INSTANCE;

    @Override
    public void message(Frames message) {
        throw new IllegalStateException("a message before the handshake was complete");
    }

    @Override
    public void closed(String reason) {}
}
