package io.jackfield.broker.transport.zmtp;

/** The peer broke the protocol or a limit and is to be ended. Without a stack trace: hostile peers cause them at will. */
final class ZmtpViolation extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;
    private final String detail;

    ZmtpViolation(Refusal refusal, String detail) {
        super(detail, null, false, false);
        this.refusal = refusal;
        this.detail = detail;
    }

    Refusal refusal() {
        return refusal;
    }

    String detail() {
        return detail;
    }

    /** For the log and the handler. */
    String reason() {
        return refusal + ": " + detail;
    }
}
