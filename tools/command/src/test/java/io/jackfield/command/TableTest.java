package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void shouldAlignTextLeftAndNumbersRight() {
        Table table = new Table(List.of(text("SERVICE"), number("QUEUED"), number("TIMEOUT")));
        table.add(List.of("is-prime", "7", "5000 ms"));
        table.add(List.of("prüfung", "1024", "-"));

        assertEquals(
                """
                SERVICE   QUEUED  TIMEOUT
                is-prime       7  5000 ms
                prüfung     1024        -
                """,
                table.text());
    }

    @Test
    void shouldReplaceControlCharactersSoThatNobodySteersTheTerminal() {
        Table table = new Table(List.of(text("WORKER")));
        table.add(List.of("a\u001b[2Jb\nc"));

        assertEquals("WORKER\na [2Jb c\n", table.text());
    }

    @Test
    void shouldShowTheHeadingsAloneWhenThereIsNoRow() {
        assertEquals("A  B\n", new Table(List.of(text("A"), number("B"))).text());
    }

    @Test
    void shouldRefuseARowOfAnotherWidth() {
        Table table = new Table(List.of(text("A"), number("B")));

        assertThrows(IllegalArgumentException.class, () -> table.add(List.of("one")));
    }

    private static Table.Heading text(String heading) {
        return new Table.Heading(heading, false);
    }

    private static Table.Heading number(String heading) {
        return new Table.Heading(heading, true);
    }
}
