package io.jackfield.broker.architecture.planted.admin;

import io.jackfield.broker.architecture.planted.server.Anything;

/** A package that knows the wiring. */
public final class KnowsServer {
    Class<?> forbidden = Anything.class;
}
