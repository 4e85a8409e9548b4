package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Refusal.Reason;

/**
 * Ball: a real number known up to an error, between {@code (middle - error) / 2^256} and
 * {@code (middle + error) / 2^256}.
 *
 * <p>Numbers beyond 2^64 are refused, since digits before the point would be taken from those behind it, and so are numbers
 * that are nearer to zero than 2^-64 but not zero: only numbers of moderate size are decided numerically.
 *
 * @see <a href="https://arxiv.org/abs/1611.02831">Johansson, Arb: efficient arbitrary-precision midpoint-radius interval
 *     arithmetic, 2017</a>
 */
record Ball(BigInteger middle, BigInteger error) {

    static final int BITS = 256;

    static final Ball ZERO = new Ball(BigInteger.ZERO, BigInteger.ZERO);
    static final Ball ONE = new Ball(BigInteger.ONE.shiftLeft(BITS), BigInteger.ZERO);

    private static final int GUARD = 64;
    private static final int MAX_SIZE = 64;
    private static final int HALVINGS = 8;

    /** Binary digits in which functions are computed: units of 2^-320, for results far more exact than 2^-256. */
    private static final int FINE = BITS + GUARD;

    private static final BigInteger FINE_ONE = BigInteger.ONE.shiftLeft(FINE);
    private static final BigInteger FINE_LN2 = fineLn2();
    private static final BigInteger FINE_PI =
            arctanOfInverse(5).shiftLeft(4).subtract(arctanOfInverse(239).shiftLeft(2));

    static final Ball PI = new Ball(FINE_PI.shiftRight(GUARD), BigInteger.ONE);

    static Ball of(BigFraction value) {
        BigInteger[] parts = value.getNumerator().shiftLeft(BITS).divideAndRemainder(value.getDenominator());
        return of(parts[0], BigInteger.valueOf(parts[1].signum()).abs());
    }

    private static Ball of(BigInteger middle, BigInteger error) {
        boolean moderate = middle.bitLength() <= BITS + MAX_SIZE
                && (middle.bitLength() > BITS - MAX_SIZE || middle.abs().compareTo(error) <= 0);
        Refusal.unless(moderate && error.bitLength() < BITS / 2, Reason.LIMIT, "a number out of range");
        return new Ball(middle, error);
    }

    boolean isZero() {
        return middle.signum() == 0 && error.signum() == 0;
    }

    boolean mayBeZero() {
        return middle.abs().compareTo(error) <= 0;
    }

    /** The sign: -1, 0 or 1; refused if it is not known. */
    int sign() {
        Refusal.unless(isZero() || !mayBeZero(), Reason.LIMIT, "a sign that is not known");
        return middle.signum();
    }

    Ball plus(Ball other) {
        return of(middle.add(other.middle), error.add(other.error));
    }

    Ball negate() {
        return new Ball(middle.negate(), error);
    }

    Ball times(Ball other) {
        BigInteger product = middle.multiply(other.middle);
        if (error.signum() == 0 && other.error.signum() == 0 && product.getLowestSetBit() >= BITS) {
            return of(product.shiftRight(BITS), BigInteger.ZERO);
        }
        BigInteger spread = middle.abs()
                .multiply(other.error)
                .add(other.middle.abs().add(other.error).multiply(error));
        return of(
                middle.multiply(other.middle).shiftRight(BITS),
                spread.shiftRight(BITS).add(BigInteger.TWO));
    }

    Ball inverse() {
        Refusal.unless(sign() != 0, Reason.UNDEFINED, "a quotient by zero");
        BigInteger size = middle.abs();
        BigInteger spread = error.shiftLeft(2 * BITS).divide(size.multiply(size.subtract(error)));
        return of(BigInteger.ONE.shiftLeft(2 * BITS).divide(middle), spread.add(BigInteger.TWO));
    }

    /** The square root of a number that is not negative. */
    Ball sqrt() {
        if (sign() == 0) {
            return ZERO;
        }
        BigInteger root = middle.shiftLeft(BITS).sqrt();
        BigInteger lowestRoot = middle.subtract(error).shiftLeft(BITS).sqrt();
        return of(root, root.subtract(lowestRoot).add(BigInteger.TWO));
    }

    Ball exp() {
        Refusal.unless(middle.bitLength() < BITS + 7, Reason.LIMIT, "a number out of range");
        BigInteger power = fineExp(middle.shiftLeft(GUARD)).shiftRight(GUARD);
        return of(power, power.multiply(error).shiftRight(BITS - 1).add(BigInteger.TWO));
    }

    /** The natural logarithm of a positive number. */
    Ball ln() {
        Refusal.unless(sign() > 0, Reason.UNDEFINED, "the logarithm of zero");
        BigInteger x = middle.shiftLeft(GUARD);
        int shift = x.bitLength() - Double.PRECISION;
        double start = StrictMath.log(x.shiftRight(shift).doubleValue()) + (shift - FINE) * StrictMath.log(2);
        BigInteger y = fine(start);
        for (int i = 0; i < 2; i++) { // Halley: each step triples the digits
            BigInteger power = fineExp(y);
            y = y.add(x.subtract(power).shiftLeft(FINE + 1).divide(x.add(power)));
        }
        BigInteger spread = error.shiftLeft(BITS).divide(middle.subtract(error));
        return of(y.shiftRight(GUARD), spread.add(BigInteger.TWO));
    }

    Ball sin() {
        return of(fineSinCos(middle.shiftLeft(GUARD))[0].shiftRight(GUARD), error.add(BigInteger.TWO));
    }

    Ball cos() {
        return of(fineSinCos(middle.shiftLeft(GUARD))[1].shiftRight(GUARD), error.add(BigInteger.TWO));
    }

    /** The angle of the point (x, y) from the positive half of the first axis, above -pi and at most pi. */
    static Ball angle(Ball x, Ball y) {
        int ySign = y.sign();
        if (ySign == 0) {
            return x.sign() > 0 ? ZERO : PI;
        }
        Ball length = x.times(x).plus(y.times(y)).sqrt();
        int shift = Math.max(x.middle.bitLength(), y.middle.bitLength()) - 1_000;
        double approximateX = x.middle.shiftRight(shift).doubleValue();
        BigInteger angle = fine(StrictMath.atan2(y.middle.shiftRight(shift).doubleValue(), approximateX));
        for (int i = 0; i < 2; i++) { // the remaining angle has the sine d, and is about d + d^3 / 6
            BigInteger[] sinCos = fineSinCos(angle);
            BigInteger difference = y.middle.multiply(sinCos[1]).subtract(x.middle.multiply(sinCos[0]));
            BigInteger d = difference.divide(length.middle);
            BigInteger cube = d.multiply(d).shiftRight(FINE).multiply(d).shiftRight(FINE);
            angle = angle.add(d).add(cube.divide(BigInteger.valueOf(6)));
        }
        BigInteger spread = x.error.add(y.error).shiftLeft(BITS + 1).divide(length.middle);
        return of(angle.shiftRight(GUARD), spread.add(BigInteger.valueOf(8)));
    }

    /** The greatest whole number that is not above this number. */
    Ball floor() {
        BigInteger low = middle.subtract(error).shiftRight(BITS);
        Refusal.unless(low.equals(middle.add(error).shiftRight(BITS)), Reason.LIMIT, "a jump that is not known");
        return new Ball(low.shiftLeft(BITS), BigInteger.ZERO);
    }

    private static BigInteger fine(double value) {
        return new java.math.BigDecimal(value)
                .multiply(new java.math.BigDecimal(FINE_ONE))
                .toBigInteger();
    }

    private static BigInteger fineExp(BigInteger x) {
        BigInteger exponentOfTwo = x.add(FINE_LN2.shiftRight(1)).divide(FINE_LN2);
        BigInteger remainder = x.subtract(exponentOfTwo.multiply(FINE_LN2)).shiftRight(HALVINGS);
        BigInteger sum = FINE_ONE;
        BigInteger term = FINE_ONE;
        for (int n = 1; term.signum() != 0 && term.bitLength() > 1; n++) {
            term = term.multiply(remainder).shiftRight(FINE).divide(BigInteger.valueOf(n));
            sum = sum.add(term);
        }
        for (int i = 0; i < HALVINGS; i++) {
            sum = sum.multiply(sum).shiftRight(FINE);
        }
        return sum.shiftLeft(exponentOfTwo.intValueExact());
    }

    private static BigInteger[] fineSinCos(BigInteger x) {
        BigInteger quarterTurn = FINE_PI.shiftRight(1);
        BigInteger quarterTurns = x.add(quarterTurn.shiftRight(1)).divide(quarterTurn);
        BigInteger remainder = x.subtract(quarterTurns.multiply(quarterTurn));
        BigInteger[] sums = {BigInteger.ZERO, BigInteger.ZERO};
        BigInteger term = FINE_ONE;
        for (int n = 0; term.bitLength() > 1; n++) {
            int index = (n + 1) & 1; // the even powers belong to the cosine
            sums[index] = (n & 2) == 0 ? sums[index].add(term) : sums[index].subtract(term);
            term = term.multiply(remainder).shiftRight(FINE).divide(BigInteger.valueOf(n + 1L));
        }
        return switch (quarterTurns.intValue() & 3) {
            case 0 -> sums;
            case 1 -> new BigInteger[] {sums[1], sums[0].negate()};
            case 2 -> new BigInteger[] {sums[0].negate(), sums[1].negate()};
            default -> new BigInteger[] {sums[1].negate(), sums[0]};
        };
    }

    private static BigInteger fineLn2() {
        BigInteger sum = BigInteger.ZERO;
        for (int k = 1; k <= FINE; k++) {
            sum = sum.add(FINE_ONE.shiftRight(k).divide(BigInteger.valueOf(k)));
        }
        return sum;
    }

    private static BigInteger arctanOfInverse(long n) {
        BigInteger sum = BigInteger.ZERO;
        BigInteger power = FINE_ONE.divide(BigInteger.valueOf(n));
        for (long k = 1; power.signum() != 0; k += 2) {
            BigInteger term = power.divide(BigInteger.valueOf(k));
            sum = (k & 2) == 0 ? sum.add(term) : sum.subtract(term);
            power = power.divide(BigInteger.valueOf(n * n));
        }
        return sum;
    }
}
