package io.jackfield.broker.tasks;

import io.jackfield.broker.model.Frames;

/** Where messages go to. Owned by the broker loop. Must not come back into what it is given by before it returns. */
public interface Outlet {
    /** Takes a message; the frames may be borrowed. */
    void send(Frames message);

    /** Whether it should be given a message now: it takes some, and not too much waits to be read by it. */
    boolean isReady();

    /** Whether it has gone and is given nothing any more, though it was not taken out yet. */
    boolean hasGone();

    /** Whether something that it was given waits to be read by it. */
    boolean hasUnread();

    /** Asked of one that is not ready: to tell once, later, when it is. One that has gone never tells. */
    void tellWhenReady();
}
