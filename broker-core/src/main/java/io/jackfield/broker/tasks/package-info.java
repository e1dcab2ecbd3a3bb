/**
 * Messages that go from one peer of an endpoint to exactly one other: the task queue between PUSH and PULL peers, and the two ends of a
 * pair. Nothing is dropped: what cannot go on waits within a limit, and beyond it the sender is not read from. State machines, owned by the
 * broker loop; peers come in through the ports {@link io.jackfield.broker.tasks.Inlet} and {@link io.jackfield.broker.tasks.Outlet}.
 */
@NullMarked
package io.jackfield.broker.tasks;

import org.jspecify.annotations.NullMarked;
