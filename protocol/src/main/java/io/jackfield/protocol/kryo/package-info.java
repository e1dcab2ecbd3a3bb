/**
 * What of JF1 needs Kryo itself: messages as Kryo objects, and objects as bodies. The broker loads none of this; the kits
 * and typed handlers do.
 */
@NullMarked
package io.jackfield.protocol.kryo;

import org.jspecify.annotations.NullMarked;
