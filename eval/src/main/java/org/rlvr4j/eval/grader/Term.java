package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.fraction.BigFraction;

/**
 * A rational number times powers of atoms, in normal form.
 *
 * <p>A prime's power is between 0 and 1, for it stands for a root: the square root of 12 is 2 times the atom 3 to the power
 * 1/2. That of {@code i} is 1. Different terms are therefore linearly independent, as long as their atoms are simple.
 *
 * @param coefficient the rational number
 * @param powers      exponent, not zero, by atom
 */
record Term(BigFraction coefficient, Map<Term.Atom, BigFraction> powers) {

    /**
     * What a term is a product of: a letter or constant, a prime, or something made of other expressions.
     *
     * @param name  a letter, {@code \pi}, {@code e}, {@code i}, the digits of a prime, a function, or how it is made
     * @param parts none if it is simple
     */
    record Atom(String name, List<Quotient> parts) {

        static final Atom I = simple("i");

        static Atom simple(String name) {
            return new Atom(name, List.of());
        }

        boolean isPrime() {
            return Character.isDigit(name.charAt(0));
        }

        /** Whether it is known to be a positive real number. */
        boolean isPositive() {
            return isPrime() || name.equals("\\pi") || name.equals("e");
        }
    }

    private static final BigInteger FOUR = BigInteger.valueOf(4);

    Term times(Term other, Work work) {
        if (other.powers.isEmpty()) {
            return new Term(product(coefficient, other.coefficient, work), powers);
        }
        var product = new HashMap<>(powers);
        other.powers.forEach((atom, exponent) -> product.merge(atom, exponent, BigFraction::add));
        return normal(product(coefficient, other.coefficient, work), product, work);
    }

    static Term normal(BigFraction coefficient, Map<Atom, BigFraction> powers, Work work) {
        BigFraction number = coefficient;
        var normal = new HashMap<Atom, BigFraction>();
        for (Map.Entry<Atom, BigFraction> power : powers.entrySet()) {
            Atom atom = power.getKey();
            BigFraction exponent = power.getValue();
            if (atom.isPrime()) {
                int whole = floor(exponent).intValueExact();
                number = product(number, power(new BigFraction(new BigInteger(atom.name())), whole, work), work);
                exponent = exponent.subtract(whole);
            } else if (atom.equals(Atom.I)) {
                int quarters = exponent.getNumerator().mod(FOUR).intValue();
                number = quarters < 2 ? number : number.negate();
                exponent = new BigFraction(quarters % 2);
            }
            if (!exponent.equals(BigFraction.ZERO)) {
                normal.put(atom, exponent);
            }
        }
        return new Term(number, normal);
    }

    static BigInteger floor(BigFraction value) {
        BigInteger[] parts = value.getNumerator().divideAndRemainder(value.getDenominator());
        return parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    static BigFraction product(BigFraction a, BigFraction b, Work work) {
        work.spend(4 * words(a) * words(b)); // the fraction is reduced
        return a.multiply(b);
    }

    static BigFraction power(BigFraction base, int exponent, Work work) {
        long size = Math.multiplyExact((long) bits(base), Math.abs((long) exponent)) / Long.SIZE;
        work.spend(1 + size * Math.min(size, Work.LIMIT));
        return base.pow(exponent);
    }

    private static long words(BigFraction value) {
        return 1L + bits(value) / Long.SIZE;
    }

    static int bits(BigFraction value) {
        return Math.max(value.getNumerator().bitLength(), value.getDenominator().bitLength());
    }
}
