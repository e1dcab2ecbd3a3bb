package io.jackfield.broker.architecture.planted.model;

import java.util.concurrent.locks.ReentrantLock;

/** A state machine that thinks of threads. */
public final class UsesALock {
    ReentrantLock lock = new ReentrantLock();
}
