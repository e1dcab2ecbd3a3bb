/**
 * What a connected peer is, by what it says: client or worker, in which dialect (PROTOCOL.md). State machines on the transport port, owned
 * by the broker loop, stepped by hand in tests: no socket, no thread, no clock; time comes in by {@link
 * io.jackfield.broker.peer.PeerRegistry#tick}.
 */
@NullMarked
package io.jackfield.broker.peer;

import org.jspecify.annotations.NullMarked;
