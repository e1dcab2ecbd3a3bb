/** A service that answers with what it was asked. */
@NullMarked
package io.jackfield.plugins.echo;

import org.jspecify.annotations.NullMarked;
