package org.rlvr4j.rl.clip;

/**
 * Fixed clip: the same interval from {@code 1 - clipLow} to {@code 1 + clipHigh} for every token; DAPO's clip-higher
 * when {@code clipHigh > clipLow}.
 *
 * @param clipLow  distance of the lower bound from 1; from 0 to 1
 * @param clipHigh distance of the upper bound from 1; 0 or more
 */
public record FixedClip(double clipLow, double clipHigh) implements Clip {

    /** @throws IllegalArgumentException if a distance is out of its range */
    public FixedClip {
        Clip.requireBounds(clipLow, clipHigh);
    }

    @Override
    public String tag() {
        return "FIXED";
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
