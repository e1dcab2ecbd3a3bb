package io.jackfield.broker.peer;

import io.jackfield.broker.transport.SocketType;

/**
 * A peer at one moment, for people and programs that watch. Immutable.
 *
 * @param endpoint name of the endpoint that it came in by
 * @param dialect {@code undecided}, {@code plain}, {@code mdp-0.1}, {@code mdp-0.2}, {@code jf1-raw} or {@code jf1-kryo}
 * @param side {@code undecided}, {@code client}, {@code worker} or {@code client+worker}; {@code publisher}, {@code subscriber}, {@code
 *     pusher}, {@code puller} or {@code pair}
 * @param outstanding its requests that have not ended
 * @param inFlight requests that it has as a worker
 * @param subscriptions topics that it has subscribed to
 * @param dropped messages that it did not get, for it reads too slowly, or that were not taken from it, for a subscriber sends none
 * @param outputBytes written to it and not yet taken by the operating system
 */
public record PeerView(
        long connectionId,
        String endpoint,
        String address,
        SocketType socketType,
        String dialect,
        String side,
        int outstanding,
        int inFlight,
        long badMessages,
        long strayReplies,
        int subscriptions,
        long dropped,
        long outputBytes) {}
