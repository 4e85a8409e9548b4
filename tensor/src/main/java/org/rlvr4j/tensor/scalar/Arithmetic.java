package org.rlvr4j.tensor.scalar;

import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.math.SingleMath;

/**
 * Arithmetic of a kernel: single precision, rounded after each operation as every backend does, or plain double
 * precision.
 *
 * <p>Single-precision numbers are held as doubles. Rounding a sum, difference, product or quotient of two of them from
 * double to single precision gives what single-precision arithmetic gives, since a double has more than twice the bits.
 */
enum Arithmetic {
    SINGLE {
        @Override
        double round(double x) {
            return (float) x;
        }

        @Override
        double fma(double a, double b, double c) {
            return Math.fma((float) a, (float) b, (float) c);
        }

        @Override
        double exp(double x) {
            return SingleMath.exp((float) x);
        }

        @Override
        double log(double x) {
            return SingleMath.log((float) x);
        }
    },
    DOUBLE {
        @Override
        double round(double x) {
            return x;
        }

        @Override
        double fma(double a, double b, double c) {
            return a * b + c;
        }

        @Override
        double exp(double x) {
            return StrictMath.exp(x);
        }

        @Override
        double log(double x) {
            return StrictMath.log(x);
        }
    };

    /** Arithmetic of numbers in a buffer. */
    static Arithmetic of(Buffer buffer) {
        return buffer.type() == DType.F64 ? DOUBLE : SINGLE;
    }

    /** Rounds the result of one operation. */
    abstract double round(double x);

    /** {@code a * b + c}, rounded once. */
    abstract double fma(double a, double b, double c);

    abstract double exp(double x);

    /** Natural logarithm of a positive number. */
    abstract double log(double x);
}
