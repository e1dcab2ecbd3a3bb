/** Worker programs that the broker starts, restarts and stops; as state machines, stepped by hand in tests. */
@NullMarked
package io.jackfield.broker.supervise;

import org.jspecify.annotations.NullMarked;
