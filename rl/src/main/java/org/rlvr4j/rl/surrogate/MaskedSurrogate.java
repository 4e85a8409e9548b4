package org.rlvr4j.rl.surrogate;

import java.util.EnumSet;
import java.util.Set;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Tensor;

/**
 * Masked surrogate, {@code m * sg[min(r, C)] * A * log p}, where sg stops the gradient and the mask m is 0 for a token
 * whose ratio is beyond the bound that its advantage pushes it towards, and 1 otherwise.
 *
 * <p>Without the truncation C its gradient is that of the clipped surrogate. DPPO is published in this form.
 *
 * @param truncation largest ratio C that a token counts with; above 1, infinity for none
 * @see <a href="https://arxiv.org/abs/2602.04879">Qi et al., 2026</a>
 */
public record MaskedSurrogate(double truncation) implements Surrogate {

    /** @throws IllegalArgumentException if {@code truncation} is not above 1 */
    public MaskedSurrogate {
        TruncatedWeight.requireTruncation(truncation);
    }

    @Override
    public String tag() {
        return "MASKED";
    }

    @Override
    public Set<Part> uses() {
        return EnumSet.of(Part.RATIO, Part.CLIP);
    }

    @Override
    public Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens) {
        Tensor ratio = policy.ratio();
        var masked = new boolean[ratio.rows()];
        var truncated = new boolean[ratio.rows()];
        for (int t = 0; t < masked.length; t++) {
            masked[t] = clipping.isBeyond(
                    ratio.get(t), tokens.oldLogProb().get(t), tokens.advantage().get(t));
            truncated[t] = !masked[t] && ratio.get(t) > truncation;
        }
        Tensor factor = tokens.constant(t -> masked[t]
                ? 0
                : Math.min(ratio.get(t), truncation) * tokens.advantage().get(t));
        return new Terms(policy.logProbTimes(factor), masked, truncated);
    }
}
