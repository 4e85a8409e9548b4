package org.rlvr4j.rl.surrogate;

import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.tensor.Tensor;

/**
 * Clipped surrogate of PPO, {@code min(r * A, clip(r) * A)}; where the advantage A is negative, it is at least
 * {@code c * A}.
 *
 * @param clip     interval of the ratio r
 * @param dualClip constant c of the dual clip (Ye et al., 2020), above 1: a token with negative advantage counts at
 *                 most c times; infinity is no dual clip
 * @see <a href="https://arxiv.org/abs/1707.06347">Schulman et al., 2017</a>, equation 7
 */
public record ClippedSurrogate(Clip clip, double dualClip) implements Surrogate {

    /** Value of {@code dualClip} that never acts. */
    public static final double NO_DUAL_CLIP = Double.POSITIVE_INFINITY;

    /** @throws IllegalArgumentException if {@code dualClip} is not above 1 */
    public ClippedSurrogate {
        if (!(dualClip > 1)) {
            throw new IllegalArgumentException("dualClip must be above 1, not " + dualClip);
        }
    }

    @Override
    public String tag() {
        return clip.tag();
    }

    @Override
    public Terms of(Tensor ratio, ResponseTokens tokens) {
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
