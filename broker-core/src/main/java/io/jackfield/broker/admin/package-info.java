/** What people and programs see of the broker: its own services, named {@code jf.*}. */
@NullMarked
package io.jackfield.broker.admin;

import org.jspecify.annotations.NullMarked;
