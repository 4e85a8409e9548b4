package org.rlvr4j.rl.ratio;

import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/**
 * Ratio of a sequence, as in GSPO: every token of a response has the geometric mean of the response's token ratios.
 *
 * @param logRatioLimit largest mean log-ratio of a response: the mean is limited, not the tokens before it is taken;
 *                      above 0
 * @see <a href="https://arxiv.org/abs/2507.18071">Zheng et al., 2025</a>, equation 7
 */
public record SequenceRatio(double logRatioLimit) implements Ratio {

    /** Usual limit of a mean log-ratio, that of verl. */
    public static final double LOG_MEAN_LIMIT = 10;

    public SequenceRatio {
        Ratio.requireLimit(logRatioLimit);
    }

    @Override
    public String tag() {
        return "SEQUENCE";
    }

    @Override
    public Tensor of(Tensor logProb, Tensor logRatio, Segments responses) {
        return shared(logProb, logRatio, responses, logRatioLimit);
    }

    /**
     * Computes GSPO's token form {@code sg[s] * p / sg[p]}, where sg stops the gradient: its value is s, and its
     * gradient with respect to each token's own log-probability is s. Summed over the tokens of a response that is
     * the gradient of the sequence's objective.
     *
     * @param logProb  (T, 1) log-probabilities by the policy
     * @param logRatio (T, 1) log-ratios of the tokens
     * @param sharing  rows of the tokens that share one ratio
     * @param limit    largest mean log-ratio
     * @return (T, 1) ratios
     */
    static Tensor shared(Tensor logProb, Tensor logRatio, Segments sharing, double limit) {
        Tensor logShared = logRatio.detach().segmentMean(sharing);
        return logProb.minus(logProb.detach())
                .plus(logShared)
                .clamp(Double.NEGATIVE_INFINITY, limit)
                .exp();
    }
}
