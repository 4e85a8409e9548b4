package org.rlvr4j.rl.entropy;

/**
 * Entropy bonus: {@code coefficient * H} is added to a token's objective, for the entropy H of the distribution that the
 * token was drawn from, by the policy as it is now. It has the token's weight.
 *
 * @param coefficient coefficient beta, 0 or more; 0 is no bonus
 * @see <a href="https://arxiv.org/abs/2505.22312">He et al., 2025</a>, who adapt the coefficient; here it is constant
 */
public record EntropyBonus(double coefficient) {

    /** No bonus. */
    public static final EntropyBonus NONE = new EntropyBonus(0);

    /** @throws IllegalArgumentException if the coefficient is negative or NaN */
    public EntropyBonus {
        if (!(coefficient >= 0)) {
            throw new IllegalArgumentException("the entropy coefficient must be 0 or more, not " + coefficient);
        }
    }

    /** Name of this kind of bonus in configurations. */
    public String tag() {
        return coefficient == 0 ? "NONE" : "BONUS";
    }
}
