/** The broker loop as a Netty event loop. */
@NullMarked
package io.jackfield.broker.loop.netty;

import org.jspecify.annotations.NullMarked;
