package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.pubsub.Publisher;
import io.jackfield.broker.pubsub.Topic;
import io.jackfield.broker.pubsub.Topics;

/** A PUB or XPUB peer: is asked for what the endpoint's subscribers want, and sends that. Owned by the broker loop. */
final class PlainPublisher implements Conversation, Publisher {
    private final Peer peer;
    private final Topics topics;

    PlainPublisher(Peer peer, Topics topics) {
        this.peer = peer;
        this.topics = topics;
    }

    @Override
    public void message(Frames message) {
        topics.publish(message);
    }

    @Override
    public void subscribe(Topic topic) {
        peer.connection().subscribe(topic.bytes());
    }

    @Override
    public void cancel(Topic topic) {
        peer.connection().cancel(topic.bytes());
    }

    @Override
    public void ended(String reason) {
        topics.leave(this);
    }

    @Override
    public String dialect() {
        return "plain";
    }

    @Override
    public String side() {
        return "publisher";
    }
}
