package io.jackfield.plugins.isprime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.HandlerContext;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class IsPrimeTest {

    @Test
    void shouldAnswerTheArticlesQuestionInBothForms() {
        assertEquals("32416190071", answer("32416190071"));
        assertEquals("32416190071", answer("possible_prime=32416190071"));
        assertEquals("3", answer("a=b&possible_prime=21&c=d"));
        assertEquals("7", answer(" 0007\n"));
        assertEquals(Optional.of("text/plain; charset=utf-8"), reply("7").contentType());
    }

    @Test
    void shouldSayWhatWasGivenAndWhatWasExpected() {
        for (String bad : new String[] {
            "",
            "0",
            "-7",
            "+7",
            "7.0",
            "0x7",
            "seven",
            "٧",
            "9223372036854775808",
            "1".repeat(400),
            "7 7",
            "possible_prime=",
            "possible_prime=x"
        }) {
            HandlerException refusal = assertThrows(HandlerException.class, () -> answer(bad), bad);
            String given = bad.replace("possible_prime=", "");
            String shown = given.length() > 40 ? given.substring(0, 40) + "..." : given;
            assertEquals("BAD_REQUEST", refusal.code());
            assertEquals(
                    "possible_prime: '" + shown + "' (expected: a whole number from 1 to 9223372036854775807)",
                    refusal.getMessage());
            assertFalse(refusal.hint().isEmpty());
        }
    }

    @Test
    void shouldAgreeWithTrialDivisionForEverySmallNumber() {
        for (long number = 1; number <= 200_000; number++) {
            assertEquals(byTrialDivision(number), smallest(number), "of " + number);
        }
    }

    @Test
    void shouldFindTheSmallestDivisorOfProductsOfKnownPrimes() {
        assertEquals(
                3_037_000_493L, smallest(3_037_000_493L * 3_037_000_493L), "the square of the largest prime that fits");
        assertEquals(3_037_000_453L, smallest(3_037_000_453L * 3_037_000_493L));
        assertEquals(1031, smallest(1031L * 1031 * 1031 * 1031 * 1031 * 1031));
        assertEquals(1031, smallest(1031L * 2_305_843_009L));
        assertEquals(7, smallest(Long.MAX_VALUE), "2^63-1");
        assertEquals(Long.MAX_VALUE - 24, smallest(Long.MAX_VALUE - 24), "the largest prime below 2^63");
        assertEquals(2_305_843_009_213_693_951L, smallest(2_305_843_009_213_693_951L), "2^61-1");
        assertEquals(1_000_000_007L, smallest(1_000_000_007L * 1_000_000_009L));
        assertEquals(149_491L, smallest(3_825_123_056_546_413_051L), "passes for prime with the first nine witnesses");
        assertEquals(48_781, smallest(4_759_123_141L), "passes with 2, 7 and 61");
    }

    @Test
    void shouldAgreeWithTheJdkForRandomNumbersOfEverySize() {
        Random random = new Random(20_260_101);
        for (int i = 0; i < 3_000; i++) {
            long number = (random.nextLong() >>> (1 + random.nextInt(50))) | 1;
            if (number == 1) {
                continue;
            }
            long divisor = smallest(number);
            boolean prime = BigInteger.valueOf(number).isProbablePrime(60);
            assertEquals(prime, divisor == number, "of " + number);
            assertEquals(0, number % divisor, "of " + number);
            assertTrue(BigInteger.valueOf(divisor).isProbablePrime(60), "divisor of " + number);
        }
    }

    @Test
    void shouldStopInTheMiddleWhenNobodyWaitsAnyMore() {
        AtomicInteger looks = new AtomicInteger();
        Divisors divisors = new Divisors(() -> looks.incrementAndGet() == 20);
        assertThrows(CancellationException.class, () -> divisors.smallest(3_037_000_453L * 3_037_000_493L));
        assertEquals(20, looks.get());
    }

    private static long smallest(long number) {
        return new Divisors(() -> false).smallest(number);
    }

    private static long byTrialDivision(long number) {
        for (long divisor = 2; divisor * divisor <= number; divisor++) {
            if (number % divisor == 0) {
                return divisor;
            }
        }
        return number;
    }

    private static Reply reply(String text) {
        Request request = Request.of("is-prime", text.getBytes(StandardCharsets.UTF_8));
        return new IsPrime().handle(request, new Unhurried());
    }

    private static String answer(String text) {
        return new String(reply(text).body(), StandardCharsets.UTF_8);
    }

    private static final class Unhurried implements HandlerContext {
        @Override
        public boolean partial(Reply reply) {
            return true;
        }

        @Override
        public Instant deadline() {
            return Instant.MAX;
        }

        @Override
        public Duration remaining() {
            return Duration.ofDays(1);
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public Map<String, String> config() {
            return Map.of();
        }

        @Override
        public System.Logger logger() {
            return System.getLogger("is-prime");
        }
    }
}
