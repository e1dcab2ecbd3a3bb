/**
 * Publish/subscribe between the peers of one endpoint: who gets which message, and what is asked of publishers. State machines, owned by
 * the broker loop; peers come in through the ports {@link io.jackfield.broker.pubsub.Subscriber} and {@link
 * io.jackfield.broker.pubsub.Publisher}.
 */
@NullMarked
package io.jackfield.broker.pubsub;

import org.jspecify.annotations.NullMarked;
