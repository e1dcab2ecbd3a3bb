package io.jackfield.plugins.isprime;

/**
 * Arithmetic modulo an odd number below 2^63, in Montgomery form: a number x is held as x * 2^64 mod n, so that a
 * product needs two multiplications and no division. Immutable.
 */
final class Modulus {

    private final long n;
    private final long negativeInverse;
    private final long one;
    private final long twoTo128;

    Modulus(long n) {
        if (n < 3 || n % 2 == 0) {
            throw new IllegalArgumentException("modulus: " + n + " (expected: odd, >= 3)");
        }
        this.n = n;
        this.negativeInverse = -inverse(n);
        this.one = Long.remainderUnsigned(-n, n);
        long power = one;
        for (int i = 0; i < Long.SIZE; i++) {
            power = add(power, power);
        }
        this.twoTo128 = power;
    }

    /** The number 1. */
    long one() {
        return one;
    }

    /** The number n - 1. */
    long minusOne() {
        return n - one;
    }

    /** Any number from 0 to n - 1, brought into the form. */
    long of(long x) {
        return multiply(x, twoTo128);
    }

    long add(long a, long b) {
        long sum = a - (n - b);
        return sum < 0 ? sum + n : sum;
    }

    long subtract(long a, long b) {
        long difference = a - b;
        return difference < 0 ? difference + n : difference;
    }

    long multiply(long a, long b) {
        long low = a * b;
        long factor = low * negativeInverse;
        // The high half of factor * n, where factor is unsigned.
        long carried = Math.multiplyHigh(factor, n) + ((factor >> 63) & n);
        long result = Math.multiplyHigh(a, b) + carried + (low == 0 ? 0 : 1);
        return Long.compareUnsigned(result, n) >= 0 ? result - n : result;
    }

    long power(long base, long exponent) {
        long result = one;
        long square = base;
        for (long left = exponent; left > 0; left >>= 1) {
            if ((left & 1) == 1) {
                result = multiply(result, square);
            }
            square = multiply(square, square);
        }
        return result;
    }

    /** Newton's method: n is its own inverse to 3 bits, and each step doubles the bits that are right. */
    private static long inverse(long n) {
        long x = n;
        for (int bits = 3; bits < Long.SIZE; bits *= 2) {
            x *= 2 - n * x;
        }
        return x;
    }
}
