package org.rlvr4j.rl.clip;

/**
 * Clip by Pearson's chi-squared divergence between "this token" and "any other": with q and p its old and new
 * probability, {@code (p - q)^2 / (q (1 - q))} stays within the radius, so the ratio within
 * {@code 1 +- sqrt(radius (1 - q) / q)}. BandPO also keeps it at most 1/q, which no probability can leave.
 *
 * @param clipLow  radius below 1; 0 or more
 * @param clipHigh radius above 1; 0 or more
 * @param maxRatio largest upper bound of the ratio, which would otherwise grow without limit as q goes to 0; 1 or more
 * @see <a href="https://arxiv.org/abs/2603.04918">Li et al., 2026</a>: BandPO, proposition 4
 */
public record ChiSquaredClip(double clipLow, double clipHigh, double maxRatio) implements Clip {

    /** @throws IllegalArgumentException if a setting is out of its range */
    public ChiSquaredClip {
        Clip.requireRadii(clipLow, clipHigh, maxRatio);
    }

    @Override
    public String tag() {
        return "CHI_SQUARED";
    }

    @Override
    public double low(double oldLogProb) {
        return Math.max(1 - distance(clipLow, oldLogProb), 0);
    }

    @Override
    public double high(double oldLogProb) {
        return Math.min(1 + distance(clipHigh, oldLogProb), maxRatio);
    }

    private static double distance(double radius, double oldLogProb) {
        return Math.sqrt(radius * -StrictMath.expm1(oldLogProb) / Clip.probability(oldLogProb));
    }
}
