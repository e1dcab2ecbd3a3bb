/** Matches requests to workers: services, credit, deadlines, the one table of assignments. Plain single-threaded state machines. */
@NullMarked
package io.jackfield.broker.dispatch;

import org.jspecify.annotations.NullMarked;
