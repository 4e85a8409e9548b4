package org.rlvr4j.rl.clip;

/**
 * Adaptive clip, DCPO's dynamic adaptive clipping: the rarer the token, the wider its interval, which solves
 * {@code |(r - 1) r q| <= clip} for r around 1.
 *
 * @param clipLow  clip below 1; from 0 to 1
 * @param clipHigh clip above 1; 0 or more
 * @param maxRatio largest upper bound of the ratio, which would otherwise grow without limit as q goes to 0; 1 or more
 */
public record AdaptiveClip(double clipLow, double clipHigh, double maxRatio) implements Clip {

    /** @throws IllegalArgumentException if a setting is out of its range */
    public AdaptiveClip {
        Clip.requireBounds(clipLow, clipHigh);
        Clip.requireMaxRatio(maxRatio);
    }

    /**
     * An adaptive clip with the published {@code maxRatio}: the constant of the dual clip, but at least 10.
     *
     * @param clipLow  clip below 1; from 0 to 1
     * @param clipHigh clip above 1; 0 or more
     * @param dualClip constant of the dual clip
     */
    public static AdaptiveClip withDualClip(double clipLow, double clipHigh, double dualClip) {
        return new AdaptiveClip(clipLow, clipHigh, Math.max(dualClip, 10));
    }

    @Override
    public String tag() {
        return "ADAPTIVE";
    }

    /** {@inheritDoc} It is 0.5 for every q up to {@code 4 clipLow}. */
    @Override
    public double low(double oldLogProb) {
        return 0.5 + 0.5 * Math.sqrt(Math.max(1 - 4 * clipLow / Clip.probability(oldLogProb), 0));
    }

    @Override
    public double high(double oldLogProb) {
        return Math.min(0.5 + 0.5 * Math.sqrt(1 + 4 * clipHigh / Clip.probability(oldLogProb)), maxRatio);
    }
}
