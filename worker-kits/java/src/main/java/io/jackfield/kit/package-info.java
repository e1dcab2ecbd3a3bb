/** Client and worker for Java programs that talk to a broker. */
@NullMarked
package io.jackfield.kit;

import org.jspecify.annotations.NullMarked;
