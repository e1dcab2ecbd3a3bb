package io.jackfield.broker.http;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;

/** A request that is answered with a failure before it reaches any service. Ordinary at the edge, so it records no stack trace. */
final class HttpRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    /** What the failure says about the methods allowed; empty for most. */
    final String allow;

    /** Where the next request would begin is not known any more: the connection ends after the answer. */
    final boolean endsConnection;

    private final transient Failure failure;

    private HttpRefusal(Failure failure, String allow, boolean endsConnection) {
        super(failure.cause(), null, false, false);
        this.failure = failure;
        this.allow = allow;
        this.endsConnection = endsConnection;
    }

    /** Of one request; the connection goes on. */
    static HttpRefusal of(ErrorCode code, String cause, String hint) {
        return new HttpRefusal(Failure.of(code, cause, hint), "", false);
    }

    /** Of one request, for a reason that the protocol gives. */
    static HttpRefusal of(Failure failure) {
        return new HttpRefusal(failure, "", false);
    }

    /** Of what the connection brought, which cannot be read on. */
    static HttpRefusal ending(ErrorCode code, String cause, String hint) {
        return new HttpRefusal(Failure.of(code, cause, hint), "", true);
    }

    /** Of a method; {@code allow} lists those that there are. */
    static HttpRefusal ofMethod(String method, String path, String allow) {
        Failure failure = Failure.of(
                ErrorCode.METHOD_NOT_ALLOWED, method + " " + path + " (expected: " + allow + ")", "use " + allow);
        return new HttpRefusal(failure, allow, false);
    }

    /** What the client is told. */
    Failure failure() {
        return failure;
    }
}
