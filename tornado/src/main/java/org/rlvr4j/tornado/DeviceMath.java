package org.rlvr4j.tornado;

import org.rlvr4j.tensor.math.SingleMath;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Arithmetic of kernels that has the bits of the CPU's, though a device's compiler may contract or approximate.
 *
 * <p>In a kernel {@code a * b + c} and {@code c + a * b} are one fused multiply-add: TornadoVM writes them as such
 * ({@code tornado.enable.fma}). A product that is rounded before it is added to another is {@link #product}. Quotients
 * and roots are taken in double precision and rounded once more, which gives the correctly rounded ones of single
 * precision; so no approximate division or root of a device matters.
 */
final class DeviceMath {

    /** Numbers of a table of powers of 2, for each value of an exponent's bits one. */
    static final int TABLE = 256;

    private static final int POWERS = 7; // bits of an exponent of 2
    private static final float MOST = 128f; // exponent of 2; of what is no normal number there is no end
    private static final float ROOT_OF_HALF = 0.70710677f;

    private DeviceMath() {}

    /**
     * {@code a * b}, rounded, for the last term of {@code x * y + product(a, b)}.
     *
     * <p>A plain sum or difference of it and something else is not safe: nvcc narrows this product to single precision
     * and then fuses the two. Such a sum is written {@code product(a, b) * one + c}, with an argument that is 1.
     */
    static float product(float a, float b) {
        return (float) ((double) a * (double) b);
    }

    /** {@code a / b}, correctly rounded. */
    static float quotient(float a, float b) {
        return (float) ((double) a / (double) b);
    }

    /** Square root, correctly rounded. */
    static float root(float x) {
        return (float) TornadoMath.sqrt((double) x);
    }

    /** {@link SingleMath#exp}, of which 2^n is a product of powers: a kernel cannot set the bits of a number. */
    static float exp(float x) {
        float n = exponent(x);
        return scaled(fraction(x, n), (int) n);
    }

    /** Number i of the table: 2 to the power of i less the bias of exponents. */
    static float power(int i) {
        return scaled(1f, i - SingleMath.EXPONENT_BIAS);
    }

    /** {@code y 2^n}. */
    private static float scaled(float y, int n) {
        float scaled = y;
        int bits = n;
        float power = 2f;
        if (bits < 0) {
            bits = -bits;
            power = 0.5f;
        }
        for (int i = 0; i < POWERS; i++) {
            if ((bits & 1) == 1) {
                scaled = scaled * power;
            }
            power = power * power;
            bits = bits >> 1;
        }
        return scaled;
    }

    /**
     * Exponent n of 2 in {@link #exp}. A kernel of many exponentials multiplies {@link #fraction} by number
     * {@code n + 127} of a table of powers in local memory. That must stand in the kernel itself: TornadoVM reads an
     * array in local memory from wrong places in a method that gets it as a parameter.
     */
    static float exponent(float x) {
        return limited(x) * SingleMath.LOG2_E + SingleMath.ROUND - SingleMath.ROUND;
    }

    /** {@code e^x / 2^n}. */
    static float fraction(float x, float n) {
        float r = n * -SingleMath.LN2_LOW + (n * -SingleMath.LN2_HIGH + limited(x));
        float y = 0.00019875691f * r + 0.0013981999f;
        y = y * r + 0.008333452f;
        y = y * r + 0.041665796f;
        y = y * r + 0.16666666f;
        y = y * r + 0.5f;
        return y * (r * r) + r + 1f;
    }

    /** Not by max and min, which on a device return the number if x is NaN. */
    private static float limited(float x) {
        float limited = x;
        if (limited < SingleMath.MIN_EXPONENT) {
            limited = SingleMath.MIN_EXPONENT;
        }
        if (limited > SingleMath.MAX_EXPONENT) {
            limited = SingleMath.MAX_EXPONENT;
        }
        return limited;
    }

    /**
     * {@link SingleMath#log} of a normal positive number, whose exponent is found by comparisons: a kernel cannot take
     * the bits of a number apart. Scaling by powers of 2 is exact.
     */
    static float log(float x) {
        float scaled = x;
        float e = 0f;
        while (scaled < ROOT_OF_HALF && e > -MOST) {
            scaled = scaled * 2f;
            e = e - 1f;
        }
        while (scaled >= 2f * ROOT_OF_HALF && e < MOST) {
            scaled = scaled * 0.5f;
            e = e + 1f;
        }
        float f = scaled - 1f;
        float square = f * f;
        float y = 0.070376836f * f + -0.1151461f;
        y = y * f + 0.116769984f;
        y = y * f + -0.12420141f;
        y = y * f + 0.14249323f;
        y = y * f + -0.16668057f;
        y = y * f + 0.20000714f;
        y = y * f + -0.24999994f;
        y = y * f + 0.3333333f;
        y = e * SingleMath.LN2_LOW + product(y, f * square);
        y = square * -0.5f + y;
        return e * SingleMath.LN2_HIGH + (f + y);
    }

    /**
     * The bfloat16 number in the lower half of a word, but infinity for NaN: a kernel cannot set the bits of a number.
     *
     * <p>It is {@code mantissa * 2^(exponent - 134)}. No product on the way there is rounded, overflows, or is subnormal
     * unless the number is.
     */
    static float widened(int word) {
        int exponent = (word >> 7) & 255;
        int mantissa = word & 127;
        if (exponent == 0) {
            exponent = 1;
        } else {
            mantissa = mantissa | 128;
        }
        float y = (float) (mantissa << (exponent & 15)) * 0x1p-64f;
        if ((exponent & 16) != 0) {
            y = y * 0x1p16f;
        }
        if ((exponent & 32) != 0) {
            y = y * 0x1p32f;
        }
        if ((exponent & 64) != 0) {
            y = y * 0x1p64f;
        }
        float last = 0x1p-70f;
        if ((exponent & 128) != 0) {
            last = 0x1p58f;
        }
        if ((word & 0x8000) != 0) {
            last = -last;
        }
        return y * last;
    }

    /**
     * Argument in double precision, which is the sum of three numbers of single precision from its name on. No bit is lost
     * of a number whose lowest bit is one that single precision reaches, as in all of 1e-29 or more.
     */
    static double sum(FloatArray s, int name) {
        return (double) s.get(name) + ((double) s.get(name + 1) + (double) s.get(name + 2));
    }
}
