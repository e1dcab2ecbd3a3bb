package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.model.Envelope.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AssignmentListTest {
    private static final Dispatcher ANY = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);
    private static final Service ANY_SERVICE = new Service(ANY, "s", ServiceSettings.DEFAULT);

    private final AssignmentTable table = new AssignmentTable();
    private final AssignmentList list = new AssignmentList(table);

    @Test
    void shouldBeInTheSameOrderAsAListWhateverIsAddedAndRemoved() {
        Random random = new Random(5);
        List<Assignment> expected = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            switch (expected.isEmpty() ? random.nextInt(2) : random.nextInt(4)) {
                case 0 -> {
                    Assignment last = assignment(random.nextInt(300));
                    list.addLast(last);
                    expected.add(last);
                }
                case 1 -> {
                    Assignment first = assignment(random.nextInt(300));
                    list.addFirst(first);
                    expected.add(0, first);
                }
                default -> {
                    Assignment gone = expected.remove(random.nextInt(expected.size()));
                    list.remove(gone);
                    table.remove(gone);
                }
            }
            isSame(expected);
        }
    }

    @Test
    void shouldBeEmptyWithoutBytesOnceEverythingIsRemoved() {
        Assignment only = assignment(100);
        list.addFirst(only);
        list.remove(only);
        assertTrue(list.isEmpty());
        assertEquals(0, list.bytes());
        assertNull(list.first());
        assertNull(list.last());
    }

    private void isSame(List<Assignment> expected) {
        List<Assignment> copy = new ArrayList<>();
        list.copyTo(copy);
        assertEquals(expected, copy);
        assertEquals(expected.size(), list.count());
        assertEquals(expected.stream().mapToLong(next -> next.bytes).sum(), list.bytes());
        assertEquals(expected.isEmpty() ? null : expected.get(expected.size() - 1), list.last());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(i == 0 ? null : expected.get(i - 1), list.before(expected.get(i)));
        }
    }

    private Assignment assignment(int bytes) {
        Asked asked = new Asked("s", "x".repeat(bytes), Traits.PLAIN, () -> {});
        Assignment assignment = new Assignment(ANY, ANY_SERVICE, asked.envelope, Assignment.charged(asked.envelope), 0);
        table.add(assignment);
        return assignment;
    }
}
