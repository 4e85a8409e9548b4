package org.rlvr4j.rl.surrogate;

import java.util.EnumSet;
import java.util.Set;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Tensor;

/**
 * Surrogate of GMPO, {@code A} times the geometric mean of a response's token ratios, each of which is first limited by
 * the bound that the advantage A pushes it towards.
 *
 * <p>Every token of a response has the whole response's objective. A token whose bound acts has no gradient, but the
 * bound's value stays in the mean.
 *
 * @see <a href="https://arxiv.org/abs/2507.20673">Zhao et al., 2025</a>
 */
public record GeometricMean() implements Surrogate {

    @Override
    public String tag() {
        return "GMPO";
    }

    /** {@inheritDoc} The mean is this surrogate's own ratio, of the ratios of single tokens. */
    @Override
    public Set<Part> uses() {
        return EnumSet.of(Part.CLIP);
    }

    @Override
    public Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens) {
        Clip clip = clipping.clip();
        Tensor advantage = tokens.advantage();
        Tensor q = tokens.oldLogProb();
        Tensor low = tokens.constant(
                t -> advantage.get(t) < 0 ? StrictMath.log(Math.max(clip.low(q.get(t)), 0)) : Double.NEGATIVE_INFINITY);
        Tensor high = tokens.constant(
                t -> advantage.get(t) < 0 ? Double.POSITIVE_INFINITY : StrictMath.log(clip.high(q.get(t))));
        Tensor limited = policy.logRatio().clamp(low, high);
        var clipped = new boolean[limited.rows()];
        for (int t = 0; t < clipped.length; t++) {
            clipped[t] = limited.get(t) != policy.logRatio().get(t);
        }
        Tensor objective = limited.segmentMean(tokens.responses()).exp().times(advantage);
        return new Terms(objective, clipped, new boolean[clipped.length]);
    }
}
