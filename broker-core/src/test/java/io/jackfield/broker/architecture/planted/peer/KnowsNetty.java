package io.jackfield.broker.architecture.planted.peer;

import io.netty.buffer.ByteBuf;

/** A library outside its adapter. */
public final class KnowsNetty {
    Class<?> forbidden = ByteBuf.class;
}
