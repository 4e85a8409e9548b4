package org.rlvr4j.rl.clip;

/**
 * Clip: the interval around 1 in which a token's importance ratio may move. It can depend on the token's old
 * probability q.
 */
public interface Clip {

    /** Name of this kind of clip in configurations. */
    String tag();

    /**
     * Lower bound of a token's ratio, given the log of its old probability.
     *
     * @param oldLogProb logarithm of the token's old probability
     */
    double low(double oldLogProb);

    /**
     * Upper bound of a token's ratio, given the log of its old probability.
     *
     * @param oldLogProb logarithm of the token's old probability
     */
    double high(double oldLogProb);

    /**
     * Checks the distances of both bounds from 1.
     *
     * @param clipLow  distance of the lower bound from 1
     * @param clipHigh distance of the upper bound from 1
     * @throws IllegalArgumentException unless {@code clipLow} is from 0 to 1 and {@code clipHigh} is 0 or more
     */
    static void requireBounds(double clipLow, double clipHigh) {
        if (!(clipLow >= 0 && clipLow <= 1)) {
            throw new IllegalArgumentException("clipLow must be between 0 and 1, not " + clipLow);
        }
        if (!(clipHigh >= 0)) {
            throw new IllegalArgumentException("clipHigh must be 0 or more, not " + clipHigh);
        }
    }

    /**
     * Checks the radii of a ball around the old probability, and the largest upper bound.
     *
     * @param clipLow  radius below 1
     * @param clipHigh radius above 1
     * @param maxRatio largest upper bound of the ratio
     * @throws IllegalArgumentException unless both radii are 0 or more and {@code maxRatio} is 1 or more
     */
    static void requireRadii(double clipLow, double clipHigh, double maxRatio) {
        if (!(clipLow >= 0)) {
            throw new IllegalArgumentException("clipLow must be 0 or more, not " + clipLow);
        }
        if (!(clipHigh >= 0)) {
            throw new IllegalArgumentException("clipHigh must be 0 or more, not " + clipHigh);
        }
        requireMaxRatio(maxRatio);
    }

    /**
     * Checks the largest upper bound.
     *
     * @param maxRatio largest upper bound of the ratio
     * @throws IllegalArgumentException if it is below 1
     */
    static void requireMaxRatio(double maxRatio) {
        if (!(maxRatio >= 1)) {
            throw new IllegalArgumentException("maxRatio must be 1 or more, not " + maxRatio);
        }
    }

    /**
     * A token's old probability q, limited to values above zero: at zero DCPO's published code computes 0/0, NaN or a
     * lower bound of 1.
     *
     * @param oldLogProb log of the token's old probability
     */
    static double probability(double oldLogProb) {
        return Math.max(StrictMath.exp(oldLogProb), Double.MIN_NORMAL);
    }
}
