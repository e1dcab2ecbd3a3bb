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
        List<String> first = headings.stream().map(Heading::text).toList();
        int[] widths = new int[headings.size()];
        widen(widths, first);
        rows.forEach(row -> widen(widths, row));
        StringBuilder text = new StringBuilder();
        appendLine(text, first, widths);
        rows.forEach(row -> appendLine(text, row, widths));
        return text.toString();
    }

    private static void widen(int[] widths, List<String> cells) {
        for (int column = 0; column < widths.length; column++) {
            widths[column] = Math.max(widths[column], length(cells.get(column)));
        }
    }

    private void appendLine(StringBuilder text, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - length(cell));
            line.append(headings.get(column).number() ? padding + cell : cell + padding)
                    .append(GAP);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
