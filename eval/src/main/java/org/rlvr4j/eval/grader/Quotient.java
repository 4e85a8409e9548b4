package org.rlvr4j.eval.grader;

import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Refusal.Reason;

/**
 * Quotient of two polynomials: the exact value of an expression. It is not reduced, so equal values are found by
 * {@link #difference}; a divisor of a single term is made part of the polynomial above it.
 */
record Quotient(Polynomial above, Polynomial below) {

    static Quotient of(Polynomial value) {
        return new Quotient(value, Polynomial.ONE);
    }

    static Quotient of(BigFraction value) {
        return of(Polynomial.of(value));
    }

    boolean isRational() {
        return above.isRational() && isWhole();
    }

    /** Whether the divisor is 1. */
    boolean isWhole() {
        return below.equals(Polynomial.ONE);
    }

    boolean isSimple() {
        return above.isSimple() && below.isSimple();
    }

    BigFraction rational() {
        return above.constant();
    }

    Quotient plus(Quotient other, Work work) {
        if (below.equals(other.below)) {
            return new Quotient(above.plus(other.above, work), below);
        }
        Polynomial sum = above.times(other.below, work).plus(other.above.times(below, work), work);
        return new Quotient(sum, below.times(other.below, work));
    }

    Quotient times(Quotient other, Work work) {
        if (above.equals(other.below)) {
            return new Quotient(other.above, below);
        }
        if (below.equals(other.above)) {
            return new Quotient(above, other.below);
        }
        return new Quotient(above.times(other.above, work), below.times(other.below, work));
    }

    Quotient inverse(Work work) {
        Refusal.unless(!above.isZero(), Reason.UNDEFINED, "a quotient by zero");
        if (!above.isTerm()) {
            return new Quotient(below, above);
        }
        return of(below.times(Polynomial.of(Exact.integerPower(above.term(), -1, work)), work));
    }

    /** A polynomial that is zero where the two quotients are equal. */
    Polynomial difference(Quotient other, Work work) {
        return below.equals(other.below)
                ? above.minus(other.above, work)
                : above.times(other.below, work).minus(other.above.times(below, work), work);
    }
}
