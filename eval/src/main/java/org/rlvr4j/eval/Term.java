package org.rlvr4j.eval;

import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.math3.fraction.BigFraction;

/**
 * A rational number times powers of atoms, in normal form.
 *
 * <p>Atoms are variables, the constants {@code \pi}, {@code e} and {@code i}, and primes, which stand for roots: the square
 * root of 12 is 2 times the atom 3 to the power 1/2. A prime's power is between 0 and 1, that of {@code i} is 1.
 *
 * @param coefficient the rational number
 * @param powers      exponent, not zero, by atom
 */
record Term(BigFraction coefficient, Map<String, BigFraction> powers) {

    private static final Term I = new Term(BigFraction.ONE, Map.of("i", BigFraction.ONE));
    private static final BigInteger FOUR = BigInteger.valueOf(4);
    private static final int MAX_BITS = 10_000;
    private static final int MAX_EXPONENT_BITS = 10;
    private static final long MAX_DIVISOR = 100_000;

    Term times(Term other) {
        var product = new TreeMap<>(powers);
        other.powers.forEach((atom, exponent) -> product.merge(atom, exponent, BigFraction::add));
        return normal(coefficient.multiply(other.coefficient), product);
    }

    /** Raises to a rational power; roots are of positive numbers only, but for the square root of a negative one. */
    Term power(BigFraction exponent) {
        check(bits(exponent) <= MAX_EXPONENT_BITS, "a large exponent");
        boolean root = !exponent.getDenominator().equals(BigInteger.ONE);
        if (root && coefficient.compareTo(BigFraction.ZERO) < 0) {
            check(exponent.equals(BigFraction.ONE_HALF), "a root of a negative number");
            return I.times(new Term(coefficient.negate(), powers).power(exponent));
        }
        check(!root || powers.keySet().stream().allMatch(Term::isPositive), "a root of a variable");
        var raised = new TreeMap<String, BigFraction>();
        powers.forEach((atom, power) -> raised.put(atom, power.multiply(exponent)));
        if (root) {
            addPrimes(coefficient.getNumerator(), exponent, raised);
            addPrimes(coefficient.getDenominator(), exponent.negate(), raised);
            return normal(BigFraction.ONE, raised);
        }
        int n = exponent.getNumerator().intValueExact();
        check(bits(coefficient) * Math.abs(n) <= MAX_BITS, "a large number");
        return normal(coefficient.pow(n), raised);
    }

    private static Term normal(BigFraction coefficient, Map<String, BigFraction> powers) {
        BigFraction number = coefficient;
        var normal = new TreeMap<String, BigFraction>();
        for (Map.Entry<String, BigFraction> power : powers.entrySet()) {
            BigFraction exponent = power.getValue();
            if (isPrime(power.getKey())) {
                int whole = Math.floorDiv(
                        exponent.getNumerator().intValueExact(),
                        exponent.getDenominator().intValueExact());
                number = number.multiply(new BigFraction(new BigInteger(power.getKey())).pow(whole));
                exponent = exponent.subtract(whole);
            } else if (power.getKey().equals("i")) {
                int quarters = exponent.getNumerator().mod(FOUR).intValue();
                number = quarters < 2 ? number : number.negate();
                exponent = new BigFraction(quarters % 2);
            }
            if (!exponent.equals(BigFraction.ZERO)) {
                normal.put(power.getKey(), exponent);
            }
        }
        check(bits(number) <= MAX_BITS, "a large number");
        return new Term(number, normal);
    }

    private static void addPrimes(BigInteger number, BigFraction exponent, Map<String, BigFraction> powers) {
        check(number.bitLength() < Long.SIZE, "a root of a large number");
        long rest = number.longValueExact();
        for (long divisor = 2; divisor * divisor <= rest; divisor++) {
            check(divisor <= MAX_DIVISOR, "a root of a large number");
            for (; rest % divisor == 0; rest /= divisor) {
                powers.merge(Long.toString(divisor), exponent, BigFraction::add);
            }
        }
        if (rest > 1) {
            powers.merge(Long.toString(rest), exponent, BigFraction::add);
        }
    }

    private static boolean isPrime(String atom) {
        return Character.isDigit(atom.charAt(0));
    }

    private static boolean isPositive(String atom) {
        return isPrime(atom) || atom.equals("\\pi");
    }

    private static int bits(BigFraction value) {
        return Math.max(value.getNumerator().bitLength(), value.getDenominator().bitLength());
    }

    /** @throws ArithmeticException if the condition does not hold: the result is not computed */
    static void check(boolean condition, String what) {
        if (!condition) {
            throw new ArithmeticException("no exact value for " + what);
        }
    }
}
