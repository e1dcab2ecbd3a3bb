/**
 * Peers through JeroMQ: the selectable alternative to {@code transport.zmtp}, and what it is compared with. See {@link
 * io.jackfield.broker.transport.jeromq.JeromqTransport} for what it can and cannot do.
 */
@NullMarked
package io.jackfield.broker.transport.jeromq;

import org.jspecify.annotations.NullMarked;
