/** Process tests: the real distribution, on real ports, with real workers. */
@NullMarked
package io.jackfield.dist;

import org.jspecify.annotations.NullMarked;
