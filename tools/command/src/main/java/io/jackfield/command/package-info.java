/** The {@code jackfield} command: talks to a broker from a shell, and runs handlers as a worker. */
@NullMarked
package io.jackfield.command;

import org.jspecify.annotations.NullMarked;
