package io.jackfield.bench;

import io.jackfield.bench.Results.Row;
import java.util.function.UnaryOperator;

/**
 * What the figures of a row are set in relation to.
 *
 * @param name as it stands over the column
 * @param key as JSON has it
 * @param of the row to divide by; it need not have been measured
 */
record Base(String name, String key, UnaryOperator<Row> of) {

    /** Another broker, always with a worker in a process of its own. */
    static Base rival(Rival rival) {
        return new Base(
                rival.key(),
                rival.key(),
                row -> new Row(new Cell(Kind.WORKER, row.cell().shape()), rival.key()));
    }

    /** The same without idle peers. */
    static Base withoutIdle() {
        return new Base("no idle", "noIdle", row -> new Row(row.cell(), row.target()));
    }
}
