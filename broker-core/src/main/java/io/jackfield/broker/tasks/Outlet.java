package io.jackfield.broker.tasks;

import io.jackfield.broker.model.Frames;

/** Where messages go to. Owned by the broker loop. Must not come back into what it is given by before it returns. */
public interface Outlet {
    /** Takes a message; the frames may be borrowed. */
    void send(Frames message);

    /** Whether so much waits to be read from it that it should not be given more. */
    boolean isFull();

    /** Asked of one that is full: to tell once, later, when it is not. */
    void tellWhenNotFull();
}
