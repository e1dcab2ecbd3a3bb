package io.jackfield.host;

import io.jackfield.api.HandlerException;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Turns what a handler did wrong into what its client is told. Immutable. */
final class HandlerOutcome {

    private final String service;
    private final System.Logger logger;

    HandlerOutcome(String service, System.Logger logger) {
        this.service = service;
        this.logger = logger;
    }

    Failure of(Throwable thrown) {
        try {
            Throwable origin = origin(thrown);
            return origin instanceof HandlerException typed ? typed(typed) : untyped(origin);
        } catch (Throwable e) {
            // Exceptions are plugin code too: one may fail while its text or its stack trace is asked for.
            return failed(thrown.getClass().getName());
        }
    }

    private static Throwable origin(Throwable thrown) {
        Throwable origin = thrown;
        while ((origin instanceof CompletionException || origin instanceof ExecutionException)
                && origin.getCause() != null) {
            origin = origin.getCause();
        }
        return origin;
    }

    private Failure untyped(Throwable origin) {
        Failure failure = failed(Texts.of(origin));
        logger.log(System.Logger.Level.ERROR, "service " + service + " failed", origin);
        return failure;
    }

    private Failure failed(String what) {
        return Failure.of(
                ErrorCode.HANDLER_FAILED,
                "service " + service + ": " + what,
                "the log of its host has the stack trace");
    }

    Failure late() {
        String cause = "the deadline passed while the call waited for a thread of service " + service;
        return Failure.of(ErrorCode.DEADLINE_EXCEEDED, cause, "allow more time, or raise the handler's concurrency");
    }

    Failure nothing() {
        String cause = "service " + service + " returned null (expected: a Reply)";
        return Failure.of(ErrorCode.HANDLER_FAILED, cause, "the handler must return a Reply or throw");
    }

    private Failure typed(HandlerException typed) {
        String cause = String.valueOf(typed.getMessage());
        try {
            return Failure.of(ErrorCode.valueOf(typed.code()), cause, typed.hint());
        } catch (IllegalArgumentException e) {
            return Failure.of(ErrorCode.HANDLER_FAILED, typed.code() + ": " + cause, typed.hint());
        }
    }
}
