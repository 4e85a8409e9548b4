package org.rlvr4j.rl.surrogate;

import java.util.EnumSet;
import java.util.Set;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Tensor;

/**
 * Surrogate of IcePop, {@code sg[m(r)] * A * log p}, where sg stops the gradient and m(r) is r within a band and 0
 * outside: a token whose probability changed too much counts nothing, whatever its advantage.
 *
 * <p>As for {@link TruncatedWeight}, the ratio is the one to the rollout's own log-probabilities.
 *
 * @param bandLow  lower end of the band, alpha; from 0 to 1
 * @param bandHigh upper end of the band, beta; 1 or more
 * @see <a href="https://arxiv.org/abs/2510.18855">Ling Team, 2025</a>
 */
public record BandWeight(double bandLow, double bandHigh) implements Surrogate {

    /** @throws IllegalArgumentException if the band does not hold 1 */
    public BandWeight {
        if (!(bandLow >= 0 && bandLow <= 1)) {
            throw new IllegalArgumentException("bandLow must be between 0 and 1, not " + bandLow);
        }
        if (!(bandHigh >= 1)) {
            throw new IllegalArgumentException("bandHigh must be 1 or more, not " + bandHigh);
        }
    }

    @Override
    public String tag() {
        return "ICEPOP";
    }

    @Override
    public Set<Part> uses() {
        return EnumSet.of(Part.RATIO);
    }

    @Override
    public Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens) {
        Tensor ratio = policy.ratio();
        var outside = new boolean[ratio.rows()];
        for (int t = 0; t < outside.length; t++) {
            outside[t] = ratio.get(t) < bandLow || ratio.get(t) > bandHigh;
        }
        Tensor factor = tokens.constant(
                t -> outside[t] ? 0 : ratio.get(t) * tokens.advantage().get(t));
        return new Terms(policy.logProbTimes(factor), outside, new boolean[outside.length]);
    }
}
