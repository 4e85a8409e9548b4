package org.rlvr4j.rl.surrogate;

import java.util.EnumSet;
import java.util.Set;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Tensor;

/**
 * Surrogate of truncated importance sampling (TIS), {@code sg[min(r, C)] * A * log p}, where sg stops the gradient.
 *
 * <p>Elsewhere r compares the trainer's probability of a token with the one that another engine sampled it with. Here
 * old log-probabilities are those of the rollout, so the ratio is that one already; at a rollout's first update it is
 * exactly 1 on one machine, and differs from 1 afterwards, or where sampling and training differ in precision.
 *
 * @param truncation largest ratio C that a token counts with; above 1
 * @see <a href="https://fengyao.notion.site/off-policy-rl">Yao et al., 2025</a>
 */
public record TruncatedWeight(double truncation) implements Surrogate {

    /** @throws IllegalArgumentException if {@code truncation} is not above 1 */
    public TruncatedWeight {
        requireTruncation(truncation);
    }

    static void requireTruncation(double truncation) {
        if (!(truncation > 1)) {
            throw new IllegalArgumentException("truncation must be above 1, not " + truncation);
        }
    }

    @Override
    public String tag() {
        return "TIS";
    }

    @Override
    public Set<Part> uses() {
        return EnumSet.of(Part.RATIO);
    }

    @Override
    public Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens) {
        Tensor ratio = policy.ratio();
        var truncated = new boolean[ratio.rows()];
        for (int t = 0; t < truncated.length; t++) {
            truncated[t] = ratio.get(t) > truncation;
        }
        Tensor factor = tokens.constant(
                t -> Math.min(ratio.get(t), truncation) * tokens.advantage().get(t));
        return new Terms(policy.logProbTimes(factor), new boolean[truncated.length], truncated);
    }
}
