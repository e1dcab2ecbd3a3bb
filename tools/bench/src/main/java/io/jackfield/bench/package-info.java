/** {@code jackfield bench}: measures a broker, with load programs in C so that what is measured is the broker. */
@NullMarked
package io.jackfield.bench;

import org.jspecify.annotations.NullMarked;
