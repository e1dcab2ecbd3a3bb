package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.pubsub.Subscriber;
import io.jackfield.broker.pubsub.SubscriberSession;
import io.jackfield.broker.pubsub.Topics;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A SUB or XSUB peer: subscribes, and gets what is published. It never holds up anybody: what it does not read in time is dropped for it, as
 * a PUB socket does at its high-water mark. Owned by the broker loop.
 *
 * <pre>
 *   subscribe   [0x01 topic]    one frame; or the command SUBSCRIBE (ZMTP 3.1)
 *   cancel      [0x00 topic]    one frame; or the command CANCEL
 * </pre>
 */
final class PlainSubscriber implements Conversation, Subscriber {
    private static final byte SUBSCRIBE = 1;
    private static final byte CANCEL = 0;

    private final Peer peer;
    private final SubscriberSession session;

    PlainSubscriber(Peer peer, Topics topics) {
        this.peer = peer;
        this.session = topics.join(this);
    }

    @Override
    public void message(Frames message) {
        byte first = message.count() == 1 && !FrameMatch.isEmpty(message, 0) ? FrameMatch.byteAt(message, 0, 0) : -1;
        switch (first) {
            case SUBSCRIBE -> subscribe(topic(message));
            case CANCEL -> cancel(topic(message));
            default -> peer.add(PeerEvent.NOT_A_SUBSCRIPTION);
        }
    }

    @Override
    public void subscribe(ByteBuffer topic) {
        Optional<String> refusal = session.subscribe(topic);
        if (refusal.isPresent()) {
            String reason = "subscription refused: " + refusal.get();
            peer.add(PeerEvent.SUBSCRIPTION_REFUSED);
            peer.complain(reason);
            peer.close(reason);
        }
    }

    @Override
    public void cancel(ByteBuffer topic) {
        session.cancel(topic);
    }

    @Override
    public void deliver(Frames message) {
        long waiting = peer.connection().outputBytes();
        int max = peer.limits().patterns().subscriberOutputBytesMax();
        if (waiting > 0 && waiting + message.wireBytes() > max) {
            peer.add(PeerEvent.DROPPED);
            peer.complain("messages are dropped for this subscriber: " + waiting
                    + " bytes wait to be read by it (subscriber-output-bytes-max: " + max + ")");
            return;
        }
        peer.connection().message().end(message);
    }

    @Override
    public void ended(String reason) {
        session.leave();
    }

    @Override
    public int subscriptions() {
        return session.subscriptions();
    }

    @Override
    public String dialect() {
        return "plain";
    }

    @Override
    public String side() {
        return "subscriber";
    }

    private static ByteBuffer topic(Frames message) {
        return message.part(0).position(1);
    }
}
