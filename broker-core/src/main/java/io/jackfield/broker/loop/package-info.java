/** Ports of the broker loop: its mailbox, its timers, its clock. */
@NullMarked
package io.jackfield.broker.loop;

import org.jspecify.annotations.NullMarked;
