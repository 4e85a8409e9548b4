package org.rlvr4j.rl.surrogate;

import org.rlvr4j.tensor.Tensor;

/** Surrogate: the objective of each token, which is maximised in place of the expected reward. */
public interface Surrogate {

    /** Name of this kind of surrogate in configurations. */
    String tag();

    /**
     * Computes the objective of each token of a micro-batch.
     *
     * @param ratio  (T, 1) importance ratios, which the gradient flows into
     * @param tokens constants of the same tokens, such as advantages and old log-probabilities
     */
    Terms of(Tensor ratio, ResponseTokens tokens);

    /**
     * Objectives of the tokens of a micro-batch, and which of them were clipped.
     *
     * @param objective   (T, 1) objectives, to be maximised
     * @param clipped     for each token, whether the clip lowered its objective and removed its gradient
     * @param dualClipped for each token, whether the dual clip raised its objective and removed its gradient
     */
    @SuppressWarnings("ArrayRecordComponent") // terms are compared by identity
    record Terms(Tensor objective, boolean[] clipped, boolean[] dualClipped) {}
}
