package io.jackfield.broker.http;

/**
 * What the gateway has counted, for people and the admin API.
 *
 * @param connections open now
 * @param connectionsRefused over {@code connections-max}
 * @param requests whose head was read
 * @param requestsInFlight asked of a service and not yet answered
 * @param repliesDone answered with a service's reply
 * @param refusedRequests answered with a failure before any service was asked
 * @param failures answered with the failure of a service
 * @param abortedReplies broken off after a part of the answer
 * @param slowSenders whose request did not arrive in time
 * @param slowReaders cut off because they did not read their answers
 * @param clientsGone connections that ended with requests in flight
 * @param inputBytes memory of bodies that are arriving now
 */
public record HttpSnapshot(
        int connections,
        long connectionsAccepted,
        long connectionsRefused,
        long requests,
        long requestsInFlight,
        long repliesDone,
        long refusedRequests,
        long failures,
        long abortedReplies,
        long slowSenders,
        long slowReaders,
        long clientsGone,
        long inputBytes) {}
