package io.jackfield.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

    @Test
    void shouldTakeTheMiddleOneOfAnOddNumber() {
        assertEquals(new Spread(3, 1, 100), Spread.of(List.of(100.0, 1.0, 3.0)));
    }

    @Test
    void shouldTakeTheMeanOfTheTwoInTheMiddleOfAnEvenNumber() {
        assertEquals(new Spread(2.5, 1, 4), Spread.of(List.of(4.0, 1.0, 2.0, 3.0)));
    }

    @Test
    void shouldLeaveOutWhatWasNotMeasured() {
        assertEquals(new Spread(7, 7, 7), Spread.of(List.of(Double.NaN, 7.0, Double.POSITIVE_INFINITY)));
    }

    @Test
    void shouldBeNothingWhereNothingWasMeasured() {
        assertEquals(Spread.NONE, Spread.of(List.of()));
        assertEquals(Spread.NONE, Spread.of(List.of(Double.NaN)));
    }
}
