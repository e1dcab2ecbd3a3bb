package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LatencyHistogramTest {

    private static final LatencyHistogram NOTHING = new LatencyHistogram();

    @Test
    void shouldTellNothingOfNothing() {
        assertEquals(0, NOTHING.percentileNs(0.99, new LatencyHistogram()));
    }

    @Test
    void shouldBeExactBelow32NsAndAtMostASixteenthTooLongAbove() {
        for (long valueNs = 0; valueNs < 2_000; valueNs++) {
            assertToldRight(valueNs);
        }
        for (long valueNs = 2_000; valueNs < LatencyHistogram.VALUE_NS_MAX; valueNs = valueNs * 9 / 8 + 1) {
            assertToldRight(valueNs);
        }
        assertToldRight(LatencyHistogram.VALUE_NS_MAX);
    }

    private static void assertToldRight(long valueNs) {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(valueNs);
        long told = histogram.percentileNs(0.5, NOTHING);
        long tooLongMax = valueNs < 32 ? 0 : valueNs / 16;
        assertTrue(told >= valueNs && told <= valueNs + tooLongMax, () -> told + " for " + valueNs);
    }

    @Test
    void shouldCutWhatIsOutOfRange() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(-5);
        assertEquals(0, histogram.percentileNs(1, NOTHING));
        histogram.record(Long.MAX_VALUE);
        assertEquals(LatencyHistogram.VALUE_NS_MAX, histogram.percentileNs(1, NOTHING));
    }

    @Test
    void shouldAgreeWithSortedValuesOfTwoHistograms() {
        Random random = new Random(4);
        long[] values = random.longs(5_000, 0, TimeUnit.SECONDS.toNanos(2)).toArray();
        LatencyHistogram here = new LatencyHistogram();
        LatencyHistogram there = new LatencyHistogram();
        for (int i = 0; i < values.length; i++) {
            (i % 3 == 0 ? here : there).record(values[i]);
        }
        Arrays.sort(values);
        for (double share : new double[] {0.001, 0.5, 0.9, 0.99, 0.999, 1}) {
            long exact = values[(int) Math.ceil(share * values.length) - 1];
            long told = here.percentileNs(share, there);
            assertTrue(told >= exact && told <= exact + exact / 16, () -> share + ": " + told + " for " + exact);
        }
    }
}
