package io.jackfield.broker.dispatch;

import io.jackfield.broker.model.Envelope;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;

/** What the dispatcher says when a request or a registration does not go through: code, cause, hint. */
final class DispatchFailures {
    private static final int RETRY_AFTER_MS = 100;

    private DispatchFailures() {}

    static Failure overloaded(String cause) {
        String hint = "retry after " + RETRY_AFTER_MS + " ms, or add workers";
        return new Failure(ErrorCode.OVERLOADED, cause, hint, RETRY_AFTER_MS);
    }

    static Failure noSuchService(Envelope envelope) {
        return Failure.of(
                ErrorCode.NO_SUCH_SERVICE,
                "no service is named " + envelope.service(),
                "connect a worker for it, add its plugin, or name it in the configuration");
    }

    static Failure tooManyServices(int count) {
        return tooManyServices("the broker has " + count + " service names, its limit (services-max)");
    }

    /** For a request that would have brought its service into existence. */
    static Failure tooManyInventedServices(int count) {
        return tooManyServices("the broker has " + count
                + " service names, as many as it may, or half of services-max of them have never had a worker");
    }

    private static Failure tooManyServices(String cause) {
        return Failure.of(ErrorCode.TOO_MANY_SERVICES, cause, "raise services-max if the names are meant");
    }

    static Failure nameTaken(String name) {
        return Failure.of(
                ErrorCode.BAD_SERVICE_NAME,
                "service name: " + name + " (expected: not one of the broker's own)",
                "choose another name");
    }

    static Failure workerLost(Assignment assignment, WorkerSession session, String reason) {
        return Failure.of(
                ErrorCode.WORKER_LOST,
                "worker " + session.worker.description() + " went away with the request: " + reason,
                assignment.attempt > 1
                        ? "it was tried " + assignment.attempt + " times"
                        : "declare the service idempotent to have another worker try");
    }

    static Failure notTaken(WorkerSession session) {
        return Failure.of(
                ErrorCode.INTERNAL_ERROR,
                "worker " + session.worker.description() + " could not be given the request",
                "the broker's log says more");
    }

    static Failure deadlineExceeded(Assignment assignment) {
        WorkerSession session = assignment.session;
        return session == null
                ? Failure.of(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "no worker took the request before its deadline",
                        assignment.service.hintWhenStarved())
                : Failure.of(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "worker " + session.worker.description() + " did not answer before the deadline",
                        "give the request more time, or look at the worker");
    }
}
