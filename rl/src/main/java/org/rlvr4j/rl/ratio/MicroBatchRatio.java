package org.rlvr4j.rl.ratio;

import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/** The ratio that the published GSPO script computed instead: the geometric mean over all tokens of the micro-batch. */
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
        return SequenceRatio.shared(logProb, logRatio, Segments.ofLengths(responses.total()));
    }

    @Override
    public boolean dependsOnTheCut() {
        return true;
    }
}
