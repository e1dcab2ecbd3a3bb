package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WaitingCallsTest {

    private static final int MAX = 3;

    private final ExecutorRig rig = new ExecutorRig();
    private final HandlerExecutor executor = rig.open(1, 10, (request, context) -> Reply.text(""));
    private final WaitingCalls waiting = new WaitingCalls(MAX);

    @AfterEach
    void close() {
        rig.close();
    }

    private List<HandlerCall> calls(int count) {
        return Stream.generate(() -> executor.prepare(ExecutorRig.REQUEST, 0, ExecutorRig.FAR, new Answer()))
                .limit(count)
                .toList();
    }

    @Test
    void shouldTakeOfABatchWhatHasRoomAndGiveItInOrder() {
        List<HandlerCall> calls = calls(6);
        assertEquals(4, waiting.add(calls, 1), "three may wait, and one may run");
        assertEquals(0, waiting.add(calls(1), 0));
        for (int i = 0; i < 4; i++) {
            assertSame(calls.get(i), waiting.poll());
        }
        assertNull(waiting.poll());
        assertTrue(waiting.isEmpty());
        assertEquals(3, waiting.add(calls(3), 0));
    }

    @Test
    void shouldGiveNothingThatWasRemoved() {
        List<HandlerCall> calls = calls(3);
        assertEquals(3, waiting.add(calls, 0));
        assertTrue(waiting.remove(calls.get(0)));
        assertFalse(waiting.remove(calls.get(0)));
        assertTrue(waiting.remove(calls.get(2)));
        assertTrue(waiting.contains(calls.get(1)));
        assertFalse(waiting.contains(calls.get(2)));
        assertEquals(1, waiting.count());

        List<HandlerCall> seen = new ArrayList<>();
        waiting.forEach(seen::add);
        assertEquals(List.of(calls.get(1)), seen);
        assertSame(calls.get(1), waiting.poll());
        assertNull(waiting.poll());
    }

    @Test
    void shouldKeepNothingOfABatchOfWhichAllAreRemoved() {
        List<HandlerCall> first = calls(2);
        List<HandlerCall> second = calls(1);
        assertEquals(2, waiting.add(first, 0));
        assertEquals(1, waiting.add(second, 0));
        assertTrue(first.stream().allMatch(waiting::remove));
        assertEquals(1, waiting.batches());
        assertSame(second.get(0), waiting.poll());
    }
}
