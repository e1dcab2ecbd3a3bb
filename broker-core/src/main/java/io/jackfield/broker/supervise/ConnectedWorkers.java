package io.jackfield.broker.supervise;

import java.util.Set;

/** The workers among the broker's peers. Owned by the broker loop. */
public interface ConnectedWorkers {
    /** Gives no more requests to what is, or becomes, a worker on one of the connections; returns those there are, clients included. */
    Set<Long> withdraw(Connections connections);

    /** Requests that the workers on these connections have. */
    int inFlight(Set<Long> connectionIds);
}
