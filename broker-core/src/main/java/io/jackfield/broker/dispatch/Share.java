package io.jackfield.broker.dispatch;

/** Of the requests of a service, the part that some of its workers get: exactly so many of 100. Owned by the broker loop. */
final class Share {
    /** All of 100. */
    static final int WHOLE = 100;

    private int percent;

    /** Hundredths of a request. */
    private int owed;

    /** From now on; what is owed stays. */
    void percent(int newPercent) {
        percent = newPercent;
    }

    /** The next request is one of theirs. */
    boolean isDue() {
        return owed + percent >= WHOLE;
    }

    /** A request was given, to them or to others. Where they could not take it they are owed it, but never more than one. */
    void count(boolean theirs) {
        if (percent > 0) {
            owed = Math.max(0, Math.min(owed + percent - (theirs ? WHOLE : 0), WHOLE));
        }
    }
}
