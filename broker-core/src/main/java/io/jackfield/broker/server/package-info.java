/** Hand wiring, start and stop; the only package that sees everything. */
@NullMarked
package io.jackfield.broker.server;

import org.jspecify.annotations.NullMarked;
