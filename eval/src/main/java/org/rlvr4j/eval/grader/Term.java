package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.fraction.BigFraction;

/**
 * Term in normal form: a rational number times powers of atoms.
 *
 * <p>The power of a prime is between 0 and 1, since it stands for a root: the square root of 12 is 2 times the atom 3 to the
 * power 1/2. The power of {@code i} is 1. Different terms of simple atoms are therefore linearly independent.
 *
 * @param coefficient rational number
 * @param powers      exponents by atom, none of them zero
 */
record Term(BigFraction coefficient, Map<Term.Atom, BigFraction> powers) {

    /**
     * Atom of a term: a letter or constant, a prime, or a function of other expressions.
     *
     * @param name  letter, {@code \pi}, {@code e}, {@code i}, digits of a prime, or name of a function
     * @param parts arguments of a function; none for a simple atom
     */
    record Atom(String name, List<Quotient> parts) {

        static final Atom I = simple("i");

        static Atom simple(String name) {
            return new Atom(name, List.of());
        }

        boolean isPrime() {
            return Character.isDigit(name.charAt(0));
        }

        /** Whether the atom is known to be a positive real number. */
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
                BigInteger floor = floor(exponent);
                Refusal.unless(floor.bitLength() < 20, Refusal.Reason.LIMIT, "a large exponent");
                int whole = floor.intValue();
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
