package io.jackfield.broker.architecture.planted.attic;

/** A package that the table does not have. */
public final class HasNoRow {
    private HasNoRow() {}
}
