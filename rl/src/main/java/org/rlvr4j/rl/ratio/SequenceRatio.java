package org.rlvr4j.rl.ratio;

import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/**
 * GSPO's ratio: the geometric mean of a response's token ratios, for each of its tokens.
 *
 * @see <a href="https://arxiv.org/abs/2507.18071">Zheng et al., 2025</a>, equation 7
 */
public record SequenceRatio(double logRatioLimit) implements Ratio {

    private static final double MAX_LOG_SHARED_RATIO = 10; // as in verl

    public SequenceRatio {
        Ratio.requireLimit(logRatioLimit);
    }

    @Override
    public String tag() {
        return "SEQUENCE";
    }

    @Override
    public Tensor of(Tensor logProb, Tensor logRatio, Segments responses) {
        return shared(logProb, logRatio, responses);
    }

    /**
     * GSPO's token form, {@code sg[s] * p / sg[p]}: worth s, with the gradient s into each token's own
     * log-probability. Over the tokens of a response that is the gradient of the sequence's objective.
     *
     * @param sharing whose tokens share a ratio
     */
    static Tensor shared(Tensor logProb, Tensor logRatio, Segments sharing) {
        Tensor logShared = logRatio.detach().segmentMean(sharing);
        return logProb.minus(logProb.detach())
                .plus(logShared)
                .clamp(Double.NEGATIVE_INFINITY, MAX_LOG_SHARED_RATIO)
                .exp();
    }
}
