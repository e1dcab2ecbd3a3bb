/** Plugin jars as workers: the watched folder and the handlers that run in this process. */
@NullMarked
package io.jackfield.broker.plugin;

import org.jspecify.annotations.NullMarked;
