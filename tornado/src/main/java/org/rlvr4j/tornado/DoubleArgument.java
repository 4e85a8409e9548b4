package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Argument of a kernel in double precision: three numbers of single precision, whose sum it is.
 *
 * <p>No bit is lost of a number whose lowest bit is one that single precision reaches, as in all of 1e-29 or more.
 */
final class DoubleArgument {

    /** Arguments in single precision that one in double precision takes, from its name on. */
    static final int SIZE = 3;

    private DoubleArgument() {}

    static Launch set(Launch launch, int name, double value) {
        float high = (float) value;
        float middle = (float) (value - high);
        float low = (float) (value - high - middle);
        return launch.setReal(name, high).setReal(name + 1, middle).setReal(name + 2, low);
    }

    /** The argument, in a kernel. */
    static double get(FloatArray s, int name) {
        return (double) s.get(name) + ((double) s.get(name + 1) + (double) s.get(name + 2));
    }
}
