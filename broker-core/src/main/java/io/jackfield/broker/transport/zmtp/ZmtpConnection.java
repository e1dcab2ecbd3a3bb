package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.SocketType;

/** A peer after its handshake, as the rest of the broker sees it. Owned by the broker loop. */
final class ZmtpConnection implements Connection {
    /** What a subscription begins with where it is a message (ZMTP 3.0). */
    private static final byte SUBSCRIBE = 1;

    private static final byte CANCEL = 0;

    private final long id;
    private final Metadata metadata;
    private final PeerChannel channel;
    private final Output output;

    ZmtpConnection(long id, Metadata metadata, PeerChannel channel, Output output) {
        this.id = id;
        this.metadata = metadata;
        this.channel = channel;
        this.output = output;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SocketType socketType() {
        return metadata.socketType();
    }

    @Override
    public String remoteAddress() {
        return channel.remoteAddress();
    }

    @Override
    public MessageWriter message() {
        return output.message();
    }

    @Override
    public boolean takesOutput() {
        return output.isOpen();
    }

    @Override
    public long outputBytes() {
        return output.bytes();
    }

    @Override
    public void tellDrained() {
        output.tellDrained();
    }

    @Override
    public void subscribe(byte[] topic) {
        send(Command.SUBSCRIBE, SUBSCRIBE, topic);
    }

    @Override
    public void cancel(byte[] topic) {
        send(Command.CANCEL, CANCEL, topic);
    }

    @Override
    public void reading(boolean on) {
        channel.reading(on);
    }

    @Override
    public void close(String reason) {
        channel.close(reason);
    }

    private void send(Command command, byte first, byte[] topic) {
        if (channel.understandsSubscriptionCommands()) {
            output.command(command.body(topic));
        } else {
            byte[] message = new byte[1 + topic.length];
            message[0] = first;
            System.arraycopy(topic, 0, message, 1, topic.length);
            output.message().end(message);
        }
    }

    @Override
    public String toString() {
        return metadata.socketType() + " " + remoteAddress();
    }
}
