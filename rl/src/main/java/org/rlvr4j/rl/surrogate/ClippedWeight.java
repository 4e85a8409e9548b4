package org.rlvr4j.rl.surrogate;

import java.util.EnumSet;
import java.util.Set;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Tensor;

/**
 * Surrogate of CISPO, {@code sg[clip(r)] * A * log p}, where sg stops the gradient: the clip limits how much a token
 * counts, but every token keeps its gradient.
 *
 * @see <a href="https://arxiv.org/abs/2506.13585">MiniMax, 2025</a>
 */
public record ClippedWeight() implements Surrogate {

    @Override
    public String tag() {
        return "CISPO";
    }

    @Override
    public Set<Part> uses() {
        return EnumSet.of(Part.RATIO, Part.CLIP);
    }

    @Override
    public Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens) {
        Clip clip = clipping.clip();
        Tensor ratio = policy.ratio();
        Tensor clipped = ratio.clamp(tokens.mapOldLogProb(clip::low), tokens.mapOldLogProb(clip::high));
        var acted = new boolean[ratio.rows()];
        for (int t = 0; t < acted.length; t++) {
            acted[t] = ratio.get(t) != clipped.get(t);
        }
        return new Terms(policy.logProbTimes(clipped.times(tokens.advantage())), acted, new boolean[acted.length]);
    }
}
