package org.rlvr4j.rl.surrogate;

import org.rlvr4j.tensor.Tensor;

/** Objective of each token: what is maximised in place of the expected reward. */
public interface Surrogate {

    /** The name in configurations. */
    String tag();

    /**
     * The objective of each token of a micro-batch.
     *
     * @param ratio  (T, 1) importance ratios, which the gradient flows into
     * @param tokens what else the objective depends on
     */
    Terms of(Tensor ratio, ResponseTokens tokens);

    /**
     * Objectives of the tokens of a micro-batch, and which of them were limited.
     *
     * @param objective   (T, 1) to be maximised
     * @param clipped     whether the clip lowered a token's objective and took its gradient
     * @param dualClipped whether the dual clip did
     */
    @SuppressWarnings("ArrayRecordComponent") // terms are compared by identity
    record Terms(Tensor objective, boolean[] clipped, boolean[] dualClipped) {}
}
