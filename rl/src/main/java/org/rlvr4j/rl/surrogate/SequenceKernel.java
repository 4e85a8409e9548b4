package org.rlvr4j.rl.surrogate;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/**
 * Surrogate of VESPO, {@code sg[W^k * exp(lambda * (1 - W))] * A * log p}, where sg stops the gradient and W is the
 * product of a response's token ratios, not their mean. The kernel is 1 at W = 1 and falls to 0 on either side.
 *
 * @param kPositive      power k of responses with an advantage of 0 or more; 0 or more
 * @param lambdaPositive decay lambda of responses with an advantage of 0 or more; 0 or more
 * @param kNegative      power k of responses with negative advantage; 0 or more
 * @param lambdaNegative decay lambda of responses with negative advantage; 0 or more
 * @see <a href="https://arxiv.org/abs/2602.10693">Shen et al., 2026</a>
 */
public record SequenceKernel(double kPositive, double lambdaPositive, double kNegative, double lambdaNegative)
        implements Surrogate {

    private static final double MAX_LOG_W = 20;
    private static final double MIN_LOG_W = StrictMath.log(1e-8); // both as the authors' code

    /** @throws IllegalArgumentException if a setting is negative or NaN */
    public SequenceKernel {
        for (double value : new double[] {kPositive, lambdaPositive, kNegative, lambdaNegative}) {
            if (!(value >= 0)) {
                throw new IllegalArgumentException("k and lambda must be 0 or more, not " + value);
            }
        }
    }

    @Override
    public String tag() {
        return "VESPO";
    }

    /** {@inheritDoc} The product is this surrogate's own ratio. */
    @Override
    public Set<Part> uses() {
        return EnumSet.noneOf(Part.class);
    }

    @Override
    public Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens) {
        Segments responses = tokens.responses();
        var factor = new double[responses.total()];
        for (int s = 0; s < responses.count(); s++) {
            if (responses.length(s) > 0) {
                double advantage = tokens.advantage().get(responses.start(s));
                double phi = kernel(logProduct(policy.logRatio(), responses, s), advantage);
                Arrays.fill(factor, responses.start(s), responses.end(s), phi * advantage);
            }
        }
        Tensor objective = policy.logProbTimes(tokens.constant(t -> factor[t]));
        return new Terms(objective, new boolean[factor.length], new boolean[factor.length]);
    }

    private static double logProduct(Tensor logRatio, Segments responses, int s) {
        double sum = 0;
        for (int t = responses.start(s); t < responses.end(s); t++) {
            sum += logRatio.get(t);
        }
        return Math.clamp(sum, MIN_LOG_W, MAX_LOG_W);
    }

    private double kernel(double logW, double advantage) {
        double k = advantage >= 0 ? kPositive : kNegative;
        double lambda = advantage >= 0 ? lambdaPositive : lambdaNegative;
        return StrictMath.exp(lambda + k * logW - lambda * StrictMath.exp(logW));
    }
}
