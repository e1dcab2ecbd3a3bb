/** Loads plugin jars, one generation beside the other, and runs their handlers. */
@NullMarked
package io.jackfield.host;

import org.jspecify.annotations.NullMarked;
