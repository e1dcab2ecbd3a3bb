/** The port through which peers reach the broker; adapters live in the packages below. */
@NullMarked
package io.jackfield.broker.transport;

import org.jspecify.annotations.NullMarked;
