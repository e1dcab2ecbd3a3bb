package io.jackfield.bench;

/** What is measured in one go: a load on one kind of answerer. */
record Cell(Kind kind, Shape shape) {

    @Override
    public String toString() {
        return kind.key() + ", " + shape.load() + ", " + shape.body();
    }
}
