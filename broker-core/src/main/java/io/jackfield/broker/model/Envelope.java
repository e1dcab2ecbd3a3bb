package io.jackfield.broker.model;

import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;

/**
 * A request in flight, from the frontend that made it to its one end. Owned by the broker loop.
 *
 * <p>It carries its own reply route and lets nobody end it twice: every sink ends it through {@link #complete} or {@link #fail}. The sink
 * that has it says so with {@link #heldBy}, and is told there when the client gives up.
 */
public final class Envelope {
    private final String service;
    private final Headers headers;
    private final Traits traits;
    private final ReplyRoute route;
    private Frames body;
    private Holder holder = NOBODY;
    private boolean ended;

    private static final Holder NOBODY = (envelope, why) -> envelope.fail(why);

    public Envelope(String service, Headers headers, Frames body, Traits traits, ReplyRoute route) {
        this.service = service;
        this.headers = headers;
        this.body = body;
        this.traits = traits;
        this.route = route;
    }

    /** The sink that has the envelope now. */
    @FunctionalInterface
    public interface Holder {
        /** The client does not want the answer any more: end the envelope with this failure and free what it holds. */
        void cancel(Envelope envelope, Failure why);
    }

    /**
     * What a request asks for beside its answer.
     *
     * @param timeoutNs time it may take, from now; 0: the service's own
     * @param idempotent the client allows that it is carried out more than once
     * @param object the body is an object that only Kryo peers and handlers open (PROTOCOL.md 4.5)
     * @param createsService its service comes into existence with it: plain and MDP clients
     * @param mayAdminister its client may change what the broker does: the endpoint that it came through permits that
     */
    public record Traits(
            long timeoutNs, boolean idempotent, boolean object, boolean createsService, boolean mayAdminister) {
        /** A plain client's request: the service's own timeout, its service comes into existence. */
        public static final Traits PLAIN = new Traits(0, false, false, true);

        /** The same without the right to create the service. */
        public static final Traits NONE = new Traits(0, false, false, false);

        /** Those of a client that may change nothing. */
        public Traits(long timeoutNs, boolean idempotent, boolean object, boolean createsService) {
            this(timeoutNs, idempotent, object, createsService, false);
        }
    }

    /** Name of the service asked. */
    public String service() {
        return service;
    }

    /** Headers of the request; may be empty. */
    public Headers headers() {
        return headers;
    }

    /** The request's body: borrowed until {@link #keepBody} was called, then kept until the request ends; empty after that. */
    public Frames body() {
        return body;
    }

    /** What the request asks for beside its answer. */
    public Traits traits() {
        return traits;
    }

    /** Makes the body outlive the call that brought it. */
    public void keepBody() {
        body = body.kept();
    }

    /** Names the sink that answers for the envelope from now on. */
    public void heldBy(Holder newHolder) {
        holder = newHolder;
    }

    /** The client gave up; does nothing once the envelope has ended. */
    public void cancel(Failure why) {
        if (!ended) {
            holder.cancel(this, why);
        }
    }

    /** True after {@link #complete} or {@link #fail}. */
    public boolean ended() {
        return ended;
    }

    /** Passes on one of several replies. */
    public void partial(Reply reply) {
        if (ended) {
            throw new IllegalStateException("partial reply after the end of a request to " + service);
        }
        route.partial(reply);
    }

    /** Ends the request with its reply. */
    public void complete(Reply reply) {
        end();
        route.complete(reply);
    }

    /** Ends the request without a reply. */
    public void fail(Failure failure) {
        end();
        route.fail(failure);
    }

    private void end() {
        if (ended) {
            throw new IllegalStateException("second end of a request to " + service);
        }
        ended = true;
        body = Frames.ONE_EMPTY;
    }
}
