package io.jackfield.command;

import java.util.ArrayList;
import java.util.List;

/** Text in columns that align. Not for several threads. */
public final class Table {

    /** Of one column: numbers stand to the right, all else to the left. */
    public record Heading(String text, boolean number) {}

    private static final String GAP = "  ";

    private final List<Heading> headings;
    private final List<List<String>> rows = new ArrayList<>();

    /** Without rows yet. */
    public Table(List<Heading> headings) {
        this.headings = List.copyOf(headings);
    }

    /** A row: as many cells as there are headings. */
    public void add(List<String> cells) {
        if (cells.size() != headings.size()) {
            throw new IllegalArgumentException("cells: " + cells.size() + " (expected: " + headings.size() + ")");
        }
        rows.add(cells.stream().map(Terminal::printable).toList());
    }

    /** The heading and every row, each a line. */
    public String text() {
        StringBuilder text = new StringBuilder();
        appendLine(text, headings.stream().map(Heading::text).toList());
        rows.forEach(row -> appendLine(text, row));
        return text.toString();
    }

    private void appendLine(StringBuilder text, List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(width(column) - length(cell));
            line.append(headings.get(column).number() ? padding + cell : cell + padding)
                    .append(GAP);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private int width(int column) {
        int widest =
                rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
        return Math.max(widest, length(headings.get(column).text()));
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
