package io.jackfield.plugins.isprime;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Finds the smallest divisor of a number: trial division by small numbers, the test of Miller and Rabin, and for what
 * is composite the method of Pollard as Brent improved it. The hardest number takes some milliseconds; between two looks
 * at whether to stop lies less than one.
 */
final class Divisors {

    private static final int TRIAL_MAX = 1 << 10;
    private static final int STEPS_PER_LOOK = 128;
    // Brent's walk fails for some constants; nobody knows a number below 2^63 that needs more than a few.
    private static final int CONSTANTS_MAX = 1000;
    // Enough for every number below 3.3 * 10^24: Sorenson and Webster, 2015.
    private static final int[] WITNESSES = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};

    private final BooleanSupplier cancelled;

    Divisors(BooleanSupplier cancelled) {
        this.cancelled = cancelled;
    }

    /**
     * The smallest divisor above 1 of a number from 1 up; the number itself if it is prime or 1.
     *
     * @throws CancellationException when nobody waits for it any more
     */
    long smallest(long number) {
        for (int divisor = 2; divisor < TRIAL_MAX; divisor++) {
            if ((long) divisor * divisor > number) {
                return number;
            }
            if (number % divisor == 0) {
                return divisor;
            }
        }
        return smallestPrimeFactor(number);
    }

    /** All prime factors are above TRIAL_MAX, so there are at most six, and this calls itself at most five deep. */
    private long smallestPrimeFactor(long number) {
        if (isPrime(number)) {
            return number;
        }
        long divisor = anyDivisor(number);
        return Math.min(smallestPrimeFactor(divisor), smallestPrimeFactor(number / divisor));
    }

    /** For odd numbers above the largest witness. */
    static boolean isPrime(long number) {
        Modulus modulus = new Modulus(number);
        int twos = Long.numberOfTrailingZeros(number - 1);
        for (int witness : WITNESSES) {
            long x = modulus.power(modulus.of(witness), (number - 1) >> twos);
            boolean passed = x == modulus.one() || x == modulus.minusOne();
            for (int i = 1; i < twos && !passed; i++) {
                x = modulus.multiply(x, x);
                passed = x == modulus.minusOne();
            }
            if (!passed) {
                return false;
            }
        }
        return true;
    }

    private long anyDivisor(long number) {
        Modulus modulus = new Modulus(number);
        for (int constant = 1; constant <= CONSTANTS_MAX; constant++) {
            long divisor = walk(number, modulus, modulus.of(constant));
            if (divisor != number) {
                return divisor;
            }
        }
        throw new IllegalStateException("no divisor of " + number + " found in " + CONSTANTS_MAX + " walks");
    }

    /** One walk x -> x*x + constant; returns a divisor, which is the number itself when the walk was in vain. */
    private long walk(long number, Modulus modulus, long constant) {
        long y = modulus.of(2);
        for (long length = 1; ; length *= 2) {
            long x = y;
            for (long i = 0; i < length; i++) {
                y = step(modulus, y, constant);
            }
            for (long done = 0; done < length; done += STEPS_PER_LOOK) {
                stopIfCancelled();
                long start = y;
                long steps = Math.min(STEPS_PER_LOOK, length - done);
                long product = modulus.one();
                for (long i = 0; i < steps; i++) {
                    y = step(modulus, y, constant);
                    product = modulus.multiply(product, modulus.subtract(x, y));
                }
                long divisor = gcd(product, number);
                if (divisor == number) {
                    return oneByOne(number, modulus, constant, x, start);
                }
                if (divisor > 1) {
                    return divisor;
                }
            }
        }
    }

    /** The last steps again, for more than one divisor was passed in them. */
    private static long oneByOne(long number, Modulus modulus, long constant, long x, long start) {
        long y = start;
        long divisor = 1;
        while (divisor == 1) {
            y = step(modulus, y, constant);
            divisor = gcd(modulus.subtract(x, y), number);
        }
        return divisor;
    }

    private static long step(Modulus modulus, long y, long constant) {
        return modulus.add(modulus.multiply(y, y), constant);
    }

    private static long gcd(long a, long b) {
        long x = a;
        long y = b;
        while (y != 0) {
            long rest = x % y;
            x = y;
            y = rest;
        }
        return x;
    }

    private void stopIfCancelled() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("nobody waits for the answer any more");
        }
    }
}
