package io.jackfield.broker.architecture.planted.transport.zmtp;

import org.zeromq.ZMQ;

/** An adapter that knows the library of another. */
public final class KnowsJeromq {
    Class<?> forbidden = ZMQ.class;
}
