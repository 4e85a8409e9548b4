package org.rlvr4j.rl.surrogate;

import java.util.EnumSet;
import java.util.Set;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Tensor;

/**
 * Clipped surrogate of PPO, {@code min(r * A, clip(r) * A)}; where the advantage A is negative, it is at least
 * {@code c * A}, for the constant c of the dual clip.
 *
 * @see <a href="https://arxiv.org/abs/1707.06347">Schulman et al., 2017</a>, equation 7
 */
public record ClippedSurrogate() implements Surrogate {

    @Override
    public String tag() {
        return "CLIPPED";
    }

    @Override
    public Set<Part> uses() {
        return EnumSet.allOf(Part.class);
    }

    @Override
    public Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens) {
        Clip clip = clipping.clip();
        double dualClip = clipping.dualClip();
        Tensor ratio = policy.ratio();
        Tensor advantage = tokens.advantage();
        Tensor unclipped = ratio.times(advantage);
        Tensor clipped = ratio.clamp(tokens.mapOldLogProb(clip::low), tokens.mapOldLogProb(clip::high))
                .times(advantage);
        Tensor pessimistic = unclipped.min(clipped);
        Tensor floor = tokens.mapAdvantage(a -> a < 0 ? dualClip * a : Double.NEGATIVE_INFINITY);
        Tensor objective = pessimistic.max(floor);
        return new Terms(objective, isBelow(clipped, unclipped), isBelow(pessimistic, floor));
    }

    /** Returns for each token whether its value in column {@code a} is smaller than in column {@code b}. */
    private static boolean[] isBelow(Tensor a, Tensor b) {
        var below = new boolean[a.rows()];
        for (int t = 0; t < below.length; t++) {
            below[t] = a.get(t) < b.get(t);
        }
        return below;
    }
}
