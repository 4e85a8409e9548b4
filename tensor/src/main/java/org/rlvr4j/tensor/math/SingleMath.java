package org.rlvr4j.tensor.math;

/**
 * Exponential and logarithm in single precision, as polynomials of Cephes in fused arithmetic: every backend computes
 * these steps, so that results have the same bits on every processor, whatever its mathematical library.
 */
public final class SingleMath {

    /** Arguments of {@link #exp} below this one count as this one: its exponential is the smallest normal number. */
    public static final float MIN_EXPONENT = -87.3f;

    /** Arguments of {@link #exp} above this one count as this one. */
    public static final float MAX_EXPONENT = 88.3f;

    /** log2(e). */
    public static final float LOG2_E = 1.442695f;

    /** Leading bits of ln 2, so few that their product with an exponent is exact. */
    public static final float LN2_HIGH = 0.6933594f;

    /** ln 2 less {@link #LN2_HIGH}. */
    public static final float LN2_LOW = -0.00021219444f;

    /** 1.5 * 2^23: added to a number, it rounds the number to an integer, which stands in the lowest bits. */
    public static final float ROUND = 12582912f;

    /** Exponent of 1 in the bits of a number. */
    public static final int EXPONENT_BIAS = 127;

    /** Bits of the fraction of a number. */
    public static final int FRACTION_BITS = 23;

    /** Bits of the square root of 1/2, the smallest fraction that {@link #log} expands. */
    public static final int ROOT_OF_HALF = 0x3f3504f3;

    private static final float[] EXP = {0.00019875691f, 0.0013981999f, 0.008333452f, 0.041665796f, 0.16666666f, 0.5f};
    private static final float[] LOG = {
        0.070376836f,
        -0.1151461f,
        0.116769984f,
        -0.12420141f,
        0.14249323f,
        -0.16668057f,
        0.20000714f,
        -0.24999994f,
        0.3333333f
    };

    private SingleMath() {}

    /**
     * e^x to about one unit in the last place, of x within {@link #MIN_EXPONENT} and {@link #MAX_EXPONENT}.
     *
     * <p>x = n ln 2 + r with |r| at most ln 2 / 2; e^r is a polynomial, 2^n is set in the exponent.
     *
     * @param x exponent; it is limited to the bounds
     */
    public static float exp(float x) {
        float limited = Math.min(Math.max(x, MIN_EXPONENT), MAX_EXPONENT);
        float shifted = Math.fma(limited, LOG2_E, ROUND);
        float n = shifted - ROUND;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, limited));
        float y = polynomial(EXP, r);
        y = Math.fma(y, r * r, r) + 1f;
        int exponent = Float.floatToRawIntBits(shifted) + EXPONENT_BIAS - Float.floatToRawIntBits(ROUND);
        return y * Float.intBitsToFloat(exponent << FRACTION_BITS);
    }

    /**
     * Natural logarithm to about one unit in the last place.
     *
     * <p>x = 2^e (1 + f) with 1 + f from the root of 1/2 to that of 2; log(1 + f) is a polynomial.
     *
     * @param x a normal positive number
     */
    public static float log(float x) {
        int bits = Float.floatToRawIntBits(x);
        int exponent = (bits - ROOT_OF_HALF) >> FRACTION_BITS;
        float e = exponent;
        float f = Float.intBitsToFloat(bits - (exponent << FRACTION_BITS)) - 1f;
        float square = f * f;
        float y = polynomial(LOG, f) * (f * square);
        y = Math.fma(e, LN2_LOW, y);
        y = Math.fma(square, -0.5f, y);
        return Math.fma(e, LN2_HIGH, f + y);
    }

    private static float polynomial(float[] coefficients, float x) {
        float y = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            y = Math.fma(y, x, coefficients[i]);
        }
        return y;
    }
}
