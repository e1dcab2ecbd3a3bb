/** Processes of the operating system, for the supervised workers. */
@NullMarked
package io.jackfield.broker.supervise.os;

import org.jspecify.annotations.NullMarked;
