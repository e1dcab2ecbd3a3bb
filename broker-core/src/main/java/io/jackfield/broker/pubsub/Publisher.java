package io.jackfield.broker.pubsub;

/** Sends the messages that it is asked for. Owned by the broker loop. Must not come back into the topics. */
public interface Publisher {
    /** Somebody wants the topic now. */
    void subscribe(Topic topic);

    /** Nobody wants the topic any more. */
    void cancel(Topic topic);
}
