package org.rlvr4j.rl;

/** How far the importance ratio of a token may move from 1, given the log of its old probability q. */
public sealed interface Clip {

    /** The lower bound of the ratio. */
    double low(double oldLogProb);

    /** The upper bound of the ratio. */
    double high(double oldLogProb);

    /** The same interval for every token; DAPO's clip-higher when {@code clipHigh > clipLow}. */
    record Fixed(double clipLow, double clipHigh) implements Clip {

        public Fixed {
            requireBounds(clipLow, clipHigh);
        }

        @Override
        public double low(double oldLogProb) {
            return 1 - clipLow;
        }

        @Override
        public double high(double oldLogProb) {
            return 1 + clipHigh;
        }
    }

    /**
     * DCPO's dynamic adaptive clipping: the rarer the token, the wider its interval. It solves
     * {@code |(r - 1) r q| <= clip} for r around 1.
     *
     * @param maxRatio limit of the upper bound, which otherwise has none as q goes to 0
     */
    record Adaptive(double clipLow, double clipHigh, double maxRatio) implements Clip {

        public Adaptive {
            requireBounds(clipLow, clipHigh);
            if (!(maxRatio >= 1)) {
                throw new IllegalArgumentException("maxRatio must be 1 or more, not " + maxRatio);
            }
        }

        /** The published limit: the dual clip's constant, but at least 10. */
        public static Adaptive withDualClip(double clipLow, double clipHigh, double dualClip) {
            return new Adaptive(clipLow, clipHigh, Math.max(dualClip, 10));
        }

        /** 0.5 for every q up to {@code 4 clipLow}. */
        @Override
        public double low(double oldLogProb) {
            return 0.5 + 0.5 * Math.sqrt(Math.max(1 - 4 * clipLow / probability(oldLogProb), 0));
        }

        @Override
        public double high(double oldLogProb) {
            return Math.min(0.5 + 0.5 * Math.sqrt(1 + 4 * clipHigh / probability(oldLogProb)), maxRatio);
        }

        /** Kept above zero: the published code divides zero by zero here and gives NaN, or a lower bound of 1. */
        private static double probability(double logProb) {
            return Math.max(Math.exp(logProb), Double.MIN_NORMAL);
        }
    }

    private static void requireBounds(double clipLow, double clipHigh) {
        if (!(clipLow >= 0 && clipLow <= 1)) {
            throw new IllegalArgumentException("clipLow must be between 0 and 1, not " + clipLow);
        }
        if (!(clipHigh >= 0)) {
            throw new IllegalArgumentException("clipHigh must be 0 or more, not " + clipHigh);
        }
    }
}
