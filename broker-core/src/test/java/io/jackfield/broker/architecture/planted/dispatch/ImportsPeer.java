package io.jackfield.broker.architecture.planted.dispatch;

import io.jackfield.broker.architecture.planted.peer.Anything;

/** A lower package that knows a higher one. */
public final class ImportsPeer {
    Class<?> forbidden = Anything.class;
}
