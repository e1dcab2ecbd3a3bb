/** What the author of a handler compiles against, and nothing else. */
@NullMarked
package io.jackfield.api;

import org.jspecify.annotations.NullMarked;
