package io.jackfield.broker.http;

import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.protocol.Headers;
import java.util.Optional;

/** What is to be done with a request once it has arrived whole. */
sealed interface RequestPlan {
    /** Answered by the gateway. */
    RequestPlan HEALTH = new Health();

    /** False if whatever arrives as body is dropped. */
    boolean takesBody();

    /**
     * Ask a service.
     *
     * @param query the body is this text, whose characters are bytes; empty: the body is what arrives
     */
    record Ask(String service, Headers headers, Traits traits, Optional<String> query) implements RequestPlan {
        @Override
        public boolean takesBody() {
            return query.isEmpty();
        }
    }

    /** Say that the broker is up, or draining. */
    record Health() implements RequestPlan {
        @Override
        public boolean takesBody() {
            return false;
        }
    }
}
