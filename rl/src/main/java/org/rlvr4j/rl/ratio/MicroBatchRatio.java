package org.rlvr4j.rl.ratio;

import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/**
 * Ratio of a micro-batch: the geometric mean over all its tokens, which the published GSPO script computed in place of
 * {@link SequenceRatio}.
 *
 * @param logRatioLimit largest mean log-ratio of a micro-batch; above 0
 */
public record MicroBatchRatio(double logRatioLimit) implements Ratio {

    public MicroBatchRatio {
        Ratio.requireLimit(logRatioLimit);
    }

    @Override
    public String tag() {
        return "MICRO_BATCH";
    }

    @Override
    public Tensor of(Tensor logProb, Tensor logRatio, Segments responses) {
        return SequenceRatio.shared(logProb, logRatio, Segments.ofLengths(responses.total()), logRatioLimit);
    }

    @Override
    public boolean dependsOnMicroBatches() {
        return true;
    }
}
