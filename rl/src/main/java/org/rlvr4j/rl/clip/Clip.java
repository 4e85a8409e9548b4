package org.rlvr4j.rl.clip;

/** How far the importance ratio of a token may move from 1, given the log of its old probability q. */
public interface Clip {

    /** The name in configurations. */
    String tag();

    /** The lower bound of the ratio. */
    double low(double oldLogProb);

    /** The upper bound of the ratio. */
    double high(double oldLogProb);

    /** The checks that all clips share: 0 to 1 below, 0 or more above. */
    static void requireBounds(double clipLow, double clipHigh) {
        if (!(clipLow >= 0 && clipLow <= 1)) {
            throw new IllegalArgumentException("clipLow must be between 0 and 1, not " + clipLow);
        }
        if (!(clipHigh >= 0)) {
            throw new IllegalArgumentException("clipHigh must be 0 or more, not " + clipHigh);
        }
    }
}
