package io.jackfield.broker.architecture.planted.pipeline;

import io.jackfield.broker.architecture.planted.pubsub.Anything;

/** A feature that knows another. */
public final class ImportsPubsub {
    Class<?> forbidden = Anything.class;
}
