package org.rlvr4j.rl.clip;

/** The same interval for every token; DAPO's clip-higher when {@code clipHigh > clipLow}. */
public record FixedClip(double clipLow, double clipHigh) implements Clip {

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
