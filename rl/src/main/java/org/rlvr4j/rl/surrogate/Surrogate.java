package org.rlvr4j.rl.surrogate;

import java.util.Set;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.tensor.Tensor;

/** Surrogate: the objective of each token, which is maximised in place of the expected reward. */
public interface Surrogate {

    /** Choice on another axis that a surrogate may look at. */
    enum Part {
        /** Kind of the importance ratio. */
        RATIO,
        /** Interval of the ratio. */
        CLIP,
        /** Constant of the dual clip. */
        DUAL_CLIP
    }

    /** Name of this kind of surrogate in configurations. */
    String tag();

    /** Choices that this surrogate looks at; the others have no effect beside it. */
    Set<Part> uses();

    /**
     * Computes the objective of each token of a micro-batch. Tokens of a response whose advantage is 0 have no gradient: the
     * learner does not run them backward.
     *
     * @param policy   log-probabilities and ratios of the tokens, which the gradient flows into
     * @param clipping interval of the ratio, and dual clip
     * @param tokens   constants of the same tokens, such as advantages and old log-probabilities
     */
    Terms of(PolicyTokens policy, Clipping clipping, ResponseTokens tokens);

    /**
     * Objectives of the tokens of a micro-batch, and at which of them a limit acted.
     *
     * @param objective   (T, 1) objectives, to be maximised
     * @param clipped     for each token, whether the clip acted: it removed the token's gradient or, in a surrogate that
     *                    keeps every gradient, changed its ratio
     * @param dualClipped for each token, whether the dual clip raised its objective and removed its gradient or, in a
     *                    surrogate that truncates, whether its ratio was truncated
     */
    @SuppressWarnings("ArrayRecordComponent") // terms are compared by identity
    record Terms(Tensor objective, boolean[] clipped, boolean[] dualClipped) {}
}
