package org.rlvr4j.rl.ratio;

import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/**
 * Ratio of a token: {@code r = p / q}, for each token alone.
 *
 * @param logRatioLimit largest absolute log-ratio of a token; above 0
 */
public record TokenRatio(double logRatioLimit) implements Ratio {

    public TokenRatio {
        Ratio.requireLimit(logRatioLimit);
    }

    @Override
    public String tag() {
        return "TOKEN";
    }

    @Override
    public Tensor logRatio(Tensor logProb, Tensor oldLogProb) {
        return logProb.minus(oldLogProb).clamp(-logRatioLimit, logRatioLimit);
    }

    @Override
    public Tensor of(Tensor logProb, Tensor logRatio, Segments responses) {
        return logRatio.exp();
    }
}
