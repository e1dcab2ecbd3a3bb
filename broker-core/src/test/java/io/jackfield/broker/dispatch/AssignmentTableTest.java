package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.model.Envelope.Traits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AssignmentTableTest {
    private static final Dispatcher ANY = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);
    private static final Service ANY_SERVICE = new Service(ANY, "s", ServiceSettings.DEFAULT);

    private final AssignmentTable table = new AssignmentTable();

    @Test
    void shouldFindWhatItHasAndNothingElse() {
        Assignment assignment = added();
        assertTrue(assignment.token > 0);
        assertSame(assignment, table.find(assignment.token));
        assertNull(table.find(0));
        assertNull(table.find(-1));
        assertNull(table.find(Long.MIN_VALUE));
        assertNull(table.find(Long.MAX_VALUE));
        assertNull(table.find(assignment.token ^ 1L << 40));
        assertNull(table.find(assignment.token + 1));
        assertNull(table.find(assignment.token | 0x80000000L));
    }

    @Test
    void shouldNotFindATokenOfThePastThoughItsSlotIsUsedAgain() {
        Assignment first = added();
        long stale = first.token;
        remove(first);
        assertNull(table.find(stale));
        Assignment second = added();
        assertEquals((int) stale, (int) second.token, "the slot is used again");
        assertNotEquals(stale, second.token);
        assertNull(table.find(stale));
        assertSame(second, table.find(second.token));
    }

    @Test
    void shouldKeepTokensUniqueAndFindableWhileItGrowsAndShrinks() {
        Random random = new Random(11);
        List<Assignment> here = new ArrayList<>();
        Set<Long> ever = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            if (here.isEmpty() || random.nextInt(5) < 3) {
                Assignment assignment = added();
                assertTrue(ever.add(assignment.token), "a token came a second time");
                here.add(assignment);
            } else {
                Assignment gone = here.remove(random.nextInt(here.size()));
                long token = gone.token;
                remove(gone);
                assertNull(table.find(token));
                assertEquals(Assignment.NO_TOKEN, gone.token);
            }
            assertEquals(here.size(), table.count());
            assertEquals(here.size(), table.inFlightCount());
        }
        here.forEach(assignment -> assertSame(assignment, table.find(assignment.token)));
    }

    @Test
    void shouldKeepTheSlotAndGiveAnotherTokenEachTime() {
        Assignment assignment = added();
        int slot = assignment.slot;
        long stale = assignment.token;
        table.takeToken(assignment);
        assertNull(table.find(stale));
        assertEquals(0, table.inFlightCount());
        assertSame(assignment, table.at(slot));
        table.giveToken(assignment);
        assertNotEquals(stale, assignment.token);
        assertNull(table.find(stale));
        assertSame(assignment, table.find(assignment.token));
    }

    private void remove(Assignment assignment) {
        table.takeToken(assignment);
        table.remove(assignment);
    }

    private Assignment added() {
        Asked asked = new Asked("s", "", Traits.PLAIN, () -> {});
        Assignment assignment = new Assignment(ANY, ANY_SERVICE, asked.envelope, Assignment.charged(asked.envelope), 0);
        table.add(assignment);
        table.giveToken(assignment);
        return assignment;
    }
}
