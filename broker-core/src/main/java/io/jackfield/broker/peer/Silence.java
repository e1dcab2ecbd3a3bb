package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;

/** A peer that is not listened to: before its first conversation has begun, and after the last has ended. */
enum Silence implements Conversation {
    BEFORE,
    AFTER;

    @Override
    public void message(Frames message) {}

    @Override
    public void ended(String reason) {}

    @Override
    public String dialect() {
        return "undecided";
    }

    @Override
    public String side() {
        return "undecided";
    }
}
