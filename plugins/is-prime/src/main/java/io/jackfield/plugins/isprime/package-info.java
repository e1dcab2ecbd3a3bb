/** A service that says whether a number is prime. */
@NullMarked
package io.jackfield.plugins.isprime;

import org.jspecify.annotations.NullMarked;
