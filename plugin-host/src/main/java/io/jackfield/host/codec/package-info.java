/** What typed handlers take and give, between bytes and objects: JSON and Kryo. */
@NullMarked
package io.jackfield.host.codec;

import org.jspecify.annotations.NullMarked;
