package io.jackfield.broker.architecture.planted.peer;

import java.util.Random;

/** A state machine that does not do the same twice. */
public final class RollsDice {
    int number = new Random().nextInt();
}
