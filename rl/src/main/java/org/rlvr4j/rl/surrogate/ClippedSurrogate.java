package org.rlvr4j.rl.surrogate;

import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.tensor.Tensor;

/**
 * PPO's surrogate {@code min(r * A, clip(r) * A)}, of a bad response at least {@code c * A}.
 *
 * @param dualClip c: no token of a bad response counts more than c times (Ye et al., 2020); infinite is none
 * @see <a href="https://arxiv.org/abs/1707.06347">Schulman et al., 2017</a>, equation 7
 */
public record ClippedSurrogate(Clip clip, double dualClip) implements Surrogate {

    /** The dual clip that never acts. */
    public static final double NO_DUAL_CLIP = Double.POSITIVE_INFINITY;

    public ClippedSurrogate {
        if (!(dualClip > 1)) {
            throw new IllegalArgumentException("dualClip must be above 1, not " + dualClip);
        }
    }

    @Override
    public String tag() {
        return "CLIPPED";
    }

    @Override
    public Terms of(Tensor ratio, ResponseTokens tokens) {
        Tensor advantage = tokens.advantage();
        Tensor free = ratio.times(advantage);
        Tensor clipped = ratio.clamp(tokens.mapOldLogProb(clip::low), tokens.mapOldLogProb(clip::high))
                .times(advantage);
        Tensor pessimistic = free.min(clipped);
        Tensor floor = tokens.mapAdvantage(a -> a < 0 ? dualClip * a : Double.NEGATIVE_INFINITY);
        Tensor objective = pessimistic.max(floor);
        return new Terms(objective, isBelow(clipped, free), isBelow(pessimistic, floor));
    }

    /** Of each token, whether one column is smaller than the other. */
    private static boolean[] isBelow(Tensor a, Tensor b) {
        var below = new boolean[a.rows()];
        for (int t = 0; t < below.length; t++) {
            below[t] = a.get(t) < b.get(t);
        }
        return below;
    }
}
