/** The broker, which matches the requests of clients to workers and handlers. */
@NullMarked
package io.jackfield.broker;

import org.jspecify.annotations.NullMarked;
