package org.rlvr4j.eval.grader;

import java.util.HashMap;
import java.util.Map;
import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Term.Atom;

/**
 * Polynomial: a sum of terms. Equal ones have equal values, and different ones of simple atoms have different values.
 *
 * @param terms coefficients by the powers of the term, none of them zero
 */
record Polynomial(Map<Map<Atom, BigFraction>, BigFraction> terms) {

    static final Polynomial ZERO = new Polynomial(Map.of());
    static final Polynomial ONE = of(BigFraction.ONE);

    static Polynomial of(BigFraction value) {
        return of(new Term(value, Map.of()));
    }

    static Polynomial of(Atom atom) {
        return of(new Term(BigFraction.ONE, Map.of(atom, BigFraction.ONE)));
    }

    static Polynomial of(Term term) {
        return new Polynomial(
                term.coefficient().equals(BigFraction.ZERO) ? Map.of() : Map.of(term.powers(), term.coefficient()));
    }

    boolean isZero() {
        return terms.isEmpty();
    }

    boolean isTerm() {
        return terms.size() == 1;
    }

    /** The only term. */
    Term term() {
        Map.Entry<Map<Atom, BigFraction>, BigFraction> only =
                terms.entrySet().iterator().next();
        return new Term(only.getValue(), only.getKey());
    }

    boolean isRational() {
        return terms.isEmpty() || (isTerm() && terms.containsKey(Map.<Atom, BigFraction>of()));
    }

    /** The rational number in the sum, which is the value of a rational polynomial. */
    BigFraction constant() {
        return terms.getOrDefault(Map.<Atom, BigFraction>of(), BigFraction.ZERO);
    }

    /** Whether all atoms are letters, constants, primes or {@code i}, so that only a sum without terms is zero. */
    boolean isSimple() {
        return terms.keySet().stream().allMatch(powers -> powers.keySet().stream()
                .allMatch(atom -> atom.parts().isEmpty()));
    }

    Polynomial plus(Polynomial other, Work work) {
        var sum = new HashMap<>(terms);
        other.terms.forEach((powers, coefficient) -> {
            work.spend(1 + Term.bits(coefficient) / Long.SIZE);
            sum.merge(powers, coefficient, BigFraction::add);
        });
        sum.values().removeIf(BigFraction.ZERO::equals);
        return new Polynomial(sum);
    }

    Polynomial minus(Polynomial other, Work work) {
        return plus(other.times(of(BigFraction.MINUS_ONE), work), work);
    }

    Polynomial times(Polynomial other, Work work) {
        work.spend(6L * terms.size() * other.terms.size()); // each is a look-up besides the product
        var product = new HashMap<Map<Atom, BigFraction>, BigFraction>();
        for (Map.Entry<Map<Atom, BigFraction>, BigFraction> entry : terms.entrySet()) {
            var term = new Term(entry.getValue(), entry.getKey());
            other.terms.forEach((powers, coefficient) -> {
                Term next = term.times(new Term(coefficient, powers), work);
                product.merge(next.powers(), next.coefficient(), BigFraction::add);
            });
        }
        product.values().removeIf(BigFraction.ZERO::equals);
        return new Polynomial(product);
    }
}
