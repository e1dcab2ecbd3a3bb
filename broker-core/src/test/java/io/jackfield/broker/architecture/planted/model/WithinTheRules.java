package io.jackfield.broker.architecture.planted.model;

import java.util.concurrent.TimeUnit;

/** Units of time are no concurrency. */
public final class WithinTheRules {
    long waitNs = TimeUnit.SECONDS.toNanos(1);
}
