/** What the tests of a plugin use. */
@NullMarked
package io.jackfield.testing;

import org.jspecify.annotations.NullMarked;
