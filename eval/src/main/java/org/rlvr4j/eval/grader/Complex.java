package org.rlvr4j.eval.grader;

import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Refusal.Reason;

/** Complex number whose parts are known up to an error; functions have their principal values. */
record Complex(Ball re, Ball im) {

    static final Complex ONE = real(Ball.ONE);
    static final Complex I = new Complex(Ball.ZERO, Ball.ONE);

    static Complex real(Ball value) {
        return new Complex(value, Ball.ZERO);
    }

    static Complex of(BigFraction value) {
        return real(value.equals(BigFraction.ZERO) ? Ball.ZERO : Ball.of(value));
    }

    boolean isReal() {
        return im.isZero();
    }

    boolean mayBeZero() {
        return re.mayBeZero() && im.mayBeZero();
    }

    Complex plus(Complex other) {
        return new Complex(re.plus(other.re), im.plus(other.im));
    }

    Complex minus(Complex other) {
        return plus(other.negate());
    }

    Complex negate() {
        return new Complex(re.negate(), im.negate());
    }

    Complex times(Complex other) {
        if (isReal() && other.isReal()) {
            return real(re.times(other.re));
        }
        return new Complex(
                re.times(other.re).plus(im.times(other.im).negate()),
                re.times(other.im).plus(im.times(other.re)));
    }

    Complex inverse() {
        if (isReal()) {
            return real(re.inverse());
        }
        Ball scale = re.times(re).plus(im.times(im)).inverse();
        return new Complex(re.times(scale), im.times(scale).negate());
    }

    Ball abs() {
        if (isReal()) {
            return re.sign() < 0 ? re.negate() : re;
        }
        return re.times(re).plus(im.times(im)).sqrt();
    }

    Complex exp() {
        Ball size = re.isZero() ? Ball.ONE : re.exp();
        return isReal() ? real(size) : new Complex(size.times(im.cos()), size.times(im.sin()));
    }

    Complex ln() {
        return new Complex(abs().ln(), Ball.angle(re, im));
    }

    Complex sin() {
        if (isReal()) {
            return real(re.sin());
        }
        Complex exponential = times(I).exp();
        return exponential.minus(exponential.inverse()).times(I.negate()).times(half());
    }

    Complex cos() {
        if (isReal()) {
            return real(re.cos());
        }
        Complex exponential = times(I).exp();
        return exponential.plus(exponential.inverse()).times(half());
    }

    Complex sqrt() {
        boolean positive = isReal() && re.sign() >= 0;
        return positive ? real(re.sqrt()) : power(half());
    }

    /** This number to an integer power. */
    Complex power(int n) {
        Complex power = ONE;
        for (int bit = Integer.SIZE - Integer.numberOfLeadingZeros(Math.abs(n)) - 1; bit >= 0; bit--) {
            power = power.times(power);
            power = (Math.abs(n) >> bit & 1) == 1 ? power.times(this) : power;
        }
        return n < 0 ? power.inverse() : power;
    }

    Complex power(Complex exponent) {
        boolean zero = re.isZero() && im.isZero();
        if (zero) {
            Refusal.unless(exponent.isReal() && exponent.re.sign() > 0, Reason.UNDEFINED, "zero to such a power");
            return this;
        }
        return ln().times(exponent).exp();
    }

    private static Complex half() {
        return of(BigFraction.ONE_HALF);
    }
}
