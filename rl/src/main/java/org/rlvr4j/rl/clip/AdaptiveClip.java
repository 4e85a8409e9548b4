package org.rlvr4j.rl.clip;

/**
 * DCPO's dynamic adaptive clipping: the rarer the token, the wider its interval. It solves
 * {@code |(r - 1) r q| <= clip} for r around 1.
 *
 * @param maxRatio limit of the upper bound, which otherwise has none as q goes to 0
 */
public record AdaptiveClip(double clipLow, double clipHigh, double maxRatio) implements Clip {

    public AdaptiveClip {
        Clip.requireBounds(clipLow, clipHigh);
        if (!(maxRatio >= 1)) {
            throw new IllegalArgumentException("maxRatio must be 1 or more, not " + maxRatio);
        }
    }

    /** The published limit: the dual clip's constant, but at least 10. */
    public static AdaptiveClip withDualClip(double clipLow, double clipHigh, double dualClip) {
        return new AdaptiveClip(clipLow, clipHigh, Math.max(dualClip, 10));
    }

    @Override
    public String tag() {
        return "ADAPTIVE";
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
