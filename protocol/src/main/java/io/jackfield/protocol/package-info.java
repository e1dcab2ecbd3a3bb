/** JF1 as bytes and as values: commands, frame layouts, framings and error codes, shared by the broker and the kits. */
@NullMarked
package io.jackfield.protocol;

import org.jspecify.annotations.NullMarked;
