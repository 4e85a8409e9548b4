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
}
