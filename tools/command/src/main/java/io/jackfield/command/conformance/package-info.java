/**
 * Whether every kit does the same: scenarios that run with a client of one kit and a worker of another, over a real broker. Each kit brings
 * an agent, a program that is a client or a worker and does what it is told; docs/CONFORMANCE.md says what agents speak.
 */
@NullMarked
package io.jackfield.command.conformance;

import org.jspecify.annotations.NullMarked;
