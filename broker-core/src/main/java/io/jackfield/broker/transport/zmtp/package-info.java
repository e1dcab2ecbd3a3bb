/** ZMTP 3.1 (RFC 23 and 37), server side, on the broker loop. Everything here is owned by that loop unless it says otherwise. */
@NullMarked
package io.jackfield.broker.transport.zmtp;

import org.jspecify.annotations.NullMarked;
