package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LookaheadTest {
    private static final int MAX = 20;

    private final Lookahead lookahead = new Lookahead(MAX);
    private long nowNs = Long.MAX_VALUE - 5; // the clock may pass its largest value

    @Test
    void shouldLetNothingWaitAtFirst() {
        assertEquals(0, lookahead.requests());
    }

    @Test
    void shouldLetMoreAndMoreWaitWhileAnswersAreQuick() {
        answeredAfter(Lookahead.QUICK_NS);
        assertEquals(8, lookahead.requests());
        answeredAfter(1);
        assertEquals(16, lookahead.requests());
        answeredAfter(1);
        assertEquals(MAX, lookahead.requests());
    }

    @Test
    void shouldLetFewerWaitWhenAnswersTakeLonger() {
        answeredAfter(1);
        answeredAfter(Lookahead.QUICK_NS + 1);
        assertEquals(4, lookahead.requests());
    }

    @Test
    void shouldLetNothingWaitAfterASlowAnswer() {
        answeredAfter(1);
        answeredAfter(Lookahead.SLOW_NS + 1);
        assertEquals(0, lookahead.requests());
    }

    @Test
    void shouldLetNothingWaitOnceAnAnswerIsLate() {
        answeredAfter(1);
        assertFalse(lookahead.given(7, nowNs));
        assertFalse(lookahead.given(8, nowNs + Lookahead.SLOW_NS));
        assertEquals(8, lookahead.requests());
        assertTrue(lookahead.given(9, nowNs + Lookahead.SLOW_NS + 1));
        assertEquals(0, lookahead.requests());
        assertFalse(lookahead.given(9, nowNs + Lookahead.SLOW_NS + 1));
    }

    @Test
    void shouldCallAHandlerVeryQuickByItsLastAnswer() {
        assertFalse(lookahead.isVeryQuick());
        answeredAfter(Lookahead.QUICK_NS / 2);
        assertTrue(lookahead.isVeryQuick());
        answeredAfter(Lookahead.QUICK_NS);
        assertFalse(lookahead.isVeryQuick());
        answeredAfter(1);
        assertFalse(lookahead.given(7, nowNs));
        assertTrue(lookahead.given(8, nowNs + Lookahead.SLOW_NS + 1));
        assertFalse(lookahead.isVeryQuick());
    }

    @Test
    void shouldWatchOneRequestAtATime() {
        assertFalse(lookahead.given(7, nowNs));
        assertFalse(lookahead.given(8, nowNs));
        assertTrue(lookahead.watches(7));
        assertFalse(lookahead.watches(8));
        lookahead.answered(nowNs);
        assertFalse(lookahead.watches(7));
        assertFalse(lookahead.given(9, nowNs));
        assertTrue(lookahead.watches(9));
    }

    private void answeredAfter(long tookNs) {
        assertFalse(lookahead.given(1, nowNs));
        nowNs += tookNs;
        lookahead.answered(nowNs);
    }
}
