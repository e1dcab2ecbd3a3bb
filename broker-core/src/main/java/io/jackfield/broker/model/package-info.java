/** What the broker's parts hand each other: envelopes, frames, replies, and the ports they go through. */
@NullMarked
package io.jackfield.broker.model;

import org.jspecify.annotations.NullMarked;
