package org.rlvr4j.rl.surrogate;

import java.util.EnumSet;
import java.util.Set;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Tensor;

/**
 * Surrogate of SAPO, {@code (4 / tau) * sigmoid(tau * (r - 1)) * A}: a smooth gate in place of a clip. Its slope by r
 * is A at 1 and falls on either side, faster for a larger tau.
 *
 * @param tauPositive temperature tau of tokens with positive advantage; above 0
 * @param tauNegative temperature tau of the other tokens; above 0
 * @see <a href="https://arxiv.org/abs/2511.20347">Gao et al., 2025</a>
 */
public record SoftGate(double tauPositive, double tauNegative) implements Surrogate {

    /** @throws IllegalArgumentException if a temperature is not above 0 */
    public SoftGate {
        if (!(tauPositive > 0) || !(tauNegative > 0)) {
            throw new IllegalArgumentException(
                    "tauPositive and tauNegative must be above 0, not " + tauPositive + " and " + tauNegative);
        }
    }

    @Override
    public String tag() {
        return "SAPO";
    }

    @Override
    public Set<Part> uses() {
        return EnumSet.of(Part.RATIO);
    }

    @Override
    public Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens) {
        Tensor tau = tokens.mapAdvantage(this::tau);
        Tensor gate = policy.ratio().minus(1).times(tau).sigmoid();
        Tensor objective = gate.times(tokens.mapAdvantage(a -> 4 / tau(a) * a));
        int T = objective.rows();
        return new Terms(objective, new boolean[T], new boolean[T]);
    }

    private double tau(double advantage) {
        return advantage > 0 ? tauPositive : tauNegative;
    }
}
