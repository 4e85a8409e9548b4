package org.rlvr4j.rl.clip;

/**
 * Clip by total variation: the token's probability may move from q to {@code q - clipLow} or {@code q + clipHigh}, so
 * the ratio lies between {@code 1 - clipLow / q} and {@code 1 + clipHigh / q}.
 *
 * <p>DPPO's mask and BandPO's interval of the total variation are this one clip; they differ in their settings. BandPO
 * also keeps the ratio at most 1/q, which no probability can leave.
 *
 * @param clipLow  largest loss of probability; 0 or more
 * @param clipHigh largest gain of probability; 0 or more
 * @param maxRatio largest upper bound of the ratio, which would otherwise grow without limit as q goes to 0; 1 or more
 * @see <a href="https://arxiv.org/abs/2602.04879">Qi et al., 2026</a>: DPPO, binary total variation
 * @see <a href="https://arxiv.org/abs/2603.04918">Li et al., 2026</a>: BandPO, proposition 4
 */
public record TotalVariationClip(double clipLow, double clipHigh, double maxRatio) implements Clip {

    /** @throws IllegalArgumentException if a setting is out of its range */
    public TotalVariationClip {
        Clip.requireRadii(clipLow, clipHigh, maxRatio);
    }

    @Override
    public String tag() {
        return "TOTAL_VARIATION";
    }

    @Override
    public double low(double oldLogProb) {
        return Math.max(1 - clipLow / Clip.probability(oldLogProb), 0);
    }

    @Override
    public double high(double oldLogProb) {
        return Math.min(1 + clipHigh / Clip.probability(oldLogProb), maxRatio);
    }
}
