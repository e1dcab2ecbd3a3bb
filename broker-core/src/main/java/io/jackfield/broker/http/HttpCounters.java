package io.jackfield.broker.http;

/** What the gateway counts. Owned by the broker loop. */
final class HttpCounters {
    long connectionsAccepted;
    long connectionsRefused;
    long requests;
    long requestsInFlight;
    long repliesDone;
    long refusedRequests;
    long failures;
    long abortedReplies;
    long slowSenders;
    long slowReaders;
    long clientsGone;

    HttpSnapshot snapshot(int connections, long inputBytes) {
        return new HttpSnapshot(
                connections,
                connectionsAccepted,
                connectionsRefused,
                requests,
                requestsInFlight,
                repliesDone,
                refusedRequests,
                failures,
                abortedReplies,
                slowSenders,
                slowReaders,
                clientsGone,
                inputBytes);
    }
}
