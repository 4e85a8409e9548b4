package org.rlvr4j.eval;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.math3.fraction.BigFraction;

/**
 * The exact value of an expression: a sum of terms.
 *
 * <p>Each operation keeps the value, so equal polynomials have equal values. One without an exact result in this form, or
 * with too large a one, throws {@link ArithmeticException}.
 *
 * @param terms coefficient, not zero, by the term's powers
 */
record Polynomial(Map<Map<String, BigFraction>, BigFraction> terms) {

    private static final int MAX_PRODUCT = 500; // terms of the one factor times those of the other
    private static final int MAX_EXPONENT = 20; // of a sum

    static Polynomial of(BigFraction value) {
        return sum(Stream.of(new Term(value, Map.of())));
    }

    static Polynomial atom(String name) {
        return new Polynomial(Map.of(Map.of(name, BigFraction.ONE), BigFraction.ONE));
    }

    Polynomial plus(Polynomial other) {
        return sum(Stream.concat(stream(), other.stream()));
    }

    Polynomial negate() {
        return times(of(BigFraction.MINUS_ONE));
    }

    Polynomial times(Polynomial other) {
        Term.check(terms.size() * other.terms.size() <= MAX_PRODUCT, "a long product");
        return sum(stream().flatMap(term -> other.stream().map(term::times)));
    }

    /** The quotient by a single term. */
    Polynomial over(Polynomial divisor) {
        return times(divisor.power(BigFraction.MINUS_ONE));
    }

    Polynomial power(BigFraction exponent) {
        if (terms.size() == 1) {
            return sum(stream().map(term -> term.power(exponent)));
        }
        Term.check(exponent.getDenominator().equals(BigInteger.ONE), "a root of a sum");
        int n = exponent.getNumerator().intValueExact();
        Term.check(n > 0 && n <= MAX_EXPONENT, "the power " + n + " of a sum or zero");
        Polynomial power = this;
        for (int i = 1; i < n; i++) {
            power = power.times(this);
        }
        return power;
    }

    /** Whether it is a rational number of at least one. */
    boolean isAtLeastOne() {
        return equals(of(constant())) && constant().compareTo(BigFraction.ONE) >= 0;
    }

    /** Its value, if it is a rational number. */
    BigFraction rational() {
        Term.check(equals(of(constant())), "an exponent that is not rational");
        return constant();
    }

    /** Whether it is a variable by itself. */
    boolean isVariable() {
        return terms.size() == 1
                && terms.keySet().iterator().next().keySet().stream()
                        .allMatch(name -> Character.isLetter(name.charAt(0)) && equals(atom(name)));
    }

    private BigFraction constant() {
        return terms.getOrDefault(Map.<String, BigFraction>of(), BigFraction.ZERO);
    }

    private Stream<Term> stream() {
        return terms.entrySet().stream().map(term -> new Term(term.getValue(), term.getKey()));
    }

    private static Polynomial sum(Stream<Term> terms) {
        var sum = new HashMap<Map<String, BigFraction>, BigFraction>();
        terms.forEach(term -> sum.merge(term.powers(), term.coefficient(), BigFraction::add));
        sum.values().removeIf(BigFraction.ZERO::equals);
        return new Polynomial(sum);
    }
}
