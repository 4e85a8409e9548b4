package org.rlvr4j.rl.clip;

/**
 * Clipping of a method: the interval of the importance ratio, and the dual clip.
 *
 * @param clip     interval of the ratio
 * @param dualClip constant c of the dual clip (Ye et al., 2020), above 1: a token with negative advantage counts at
 *                 most c times; infinity is no dual clip
 * @see <a href="https://arxiv.org/abs/1912.09729">Ye et al., 2020</a>
 */
public record Clipping(Clip clip, double dualClip) {

    /** Value of {@code dualClip} that never acts. */
    public static final double NO_DUAL_CLIP = Double.POSITIVE_INFINITY;

    /** @throws IllegalArgumentException if {@code dualClip} is not above 1 */
    public Clipping {
        if (!(dualClip > 1)) {
            throw new IllegalArgumentException("dualClip must be above 1, not " + dualClip);
        }
    }

    /**
     * A clipping without dual clip.
     *
     * @param clip interval of the ratio
     */
    public static Clipping of(Clip clip) {
        return new Clipping(clip, NO_DUAL_CLIP);
    }

    /** Name of the kind of clip in configurations. */
    public String tag() {
        return clip.tag();
    }

    /**
     * Returns whether a ratio lies beyond the bound that its token's advantage pushes it towards.
     *
     * @param ratio      importance ratio of the token
     * @param oldLogProb log of its old probability
     * @param advantage  its advantage
     */
    public boolean isBeyond(double ratio, double oldLogProb, double advantage) {
        return advantage > 0 ? ratio > clip.high(oldLogProb) : ratio < clip.low(oldLogProb);
    }
}
