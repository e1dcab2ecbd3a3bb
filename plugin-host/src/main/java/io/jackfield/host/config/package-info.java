/** The configuration of plugins: what a file says, bound to the records of their authors. */
@NullMarked
package io.jackfield.host.config;

import org.jspecify.annotations.NullMarked;
