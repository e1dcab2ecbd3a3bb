package io.jackfield.broker.model;

/** Takes requests: a service, a pipeline, the broker's own services. Owned by the broker loop. */
public interface RequestSink {
    /**
     * Takes a request and ends it sooner or later, exactly once, through its reply route; it may end before this returns. The envelope's
     * body may be borrowed: a sink that does not pass it on at once keeps it.
     */
    void accept(Envelope envelope);
}
