package org.rlvr4j.rl.clip;

/**
 * Clip by the KL divergence between "this token" and "any other": with q and p its old and new probability,
 * {@code q log(q / p) + (1 - q) log((1 - q) / (1 - p))} stays within the radius.
 *
 * <p>DPPO's mask of the binary KL divergence and BandPO's interval are this one clip; they differ in their settings.
 * Bounds have no closed form and are found by bisection with a fixed number of steps.
 *
 * @param clipLow  radius below 1, in nats; 0 or more
 * @param clipHigh radius above 1, in nats; 0 or more
 * @param maxRatio largest upper bound of the ratio, which would otherwise grow without limit as q goes to 0; 1 or more
 * @see <a href="https://arxiv.org/abs/2602.04879">Qi et al., 2026</a>: DPPO, binary KL
 * @see <a href="https://arxiv.org/abs/2603.04918">Li et al., 2026</a>: BandPO, theorem 1
 */
public record KlClip(double clipLow, double clipHigh, double maxRatio) implements Clip {

    private static final int STEPS = 60; // halve an interval of length 1 to the last bits of a double

    /** @throws IllegalArgumentException if a setting is out of its range */
    public KlClip {
        Clip.requireRadii(clipLow, clipHigh, maxRatio);
    }

    @Override
    public String tag() {
        return "KL";
    }

    /** {@inheritDoc} The divergence falls from infinity at ratio 0 to 0 at ratio 1. */
    @Override
    public double low(double oldLogProb) {
        double q = Clip.probability(oldLogProb);
        double others = -StrictMath.expm1(oldLogProb); // 1 - q
        double outside = 0;
        double inside = 1;
        for (int step = 0; step < STEPS; step++) {
            double ratio = (outside + inside) / 2;
            double othersGrowth = others == 0 ? 0 : others * StrictMath.log1p(q * (1 - ratio) / others);
            if (-q * StrictMath.log(ratio) - othersGrowth > clipLow) {
                outside = ratio;
            } else {
                inside = ratio;
            }
        }
        return inside;
    }

    /**
     * {@inheritDoc} The search is for the share that the other tokens keep of their probability: the divergence falls
     * from infinity at share 0, where this token is certain, to 0 at share 1.
     */
    @Override
    public double high(double oldLogProb) {
        double q = Clip.probability(oldLogProb);
        double others = -StrictMath.expm1(oldLogProb); // 1 - q
        double outside = 0;
        double inside = 1;
        for (int step = 0; step < STEPS; step++) {
            double share = (outside + inside) / 2;
            if (-q * logRatio(oldLogProb, others, share) - others * StrictMath.log(share) > clipHigh) {
                outside = share;
            } else {
                inside = share;
            }
        }
        return Math.clamp(StrictMath.exp(logRatio(oldLogProb, others, inside)), 1, maxRatio);
    }

    /** log(p / q) where the other tokens keep a share of their probability {@code others}. */
    private static double logRatio(double oldLogProb, double others, double share) {
        return StrictMath.log1p(-share * others) - StrictMath.log(Clip.probability(oldLogProb));
    }
}
