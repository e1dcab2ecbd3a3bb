/** One YAML file, read and checked before any thread starts. */
@NullMarked
package io.jackfield.broker.server.config;

import org.jspecify.annotations.NullMarked;
