package org.rlvr4j.rl.gate;

import java.util.Arrays;

/**
 * Gate: decides which response tokens learn from the reward, and which are held to their old log-probability, by
 * looking at many tokens together.
 *
 * <p>A gate looks at whole responses or at the whole mini-batch, as {@link #scope} says, but never at a micro-batch, so
 * the division into micro-batches changes nothing. KL penalty and entropy bonus are not gated.
 */
public interface Gate {

    /** Tokens that a decision depends on. */
    enum Scope {
        /** None: there is no decision. */
        NOTHING,
        /** Those of the same response. */
        RESPONSE,
        /** All of the mini-batch, which costs a forward pass over it before the first micro-batch. */
        MINI_BATCH
    }

    /** Name of this kind of gate in configurations. */
    String tag();

    /** Tokens that a decision depends on. */
    Scope scope();

    /**
     * Decides about tokens.
     *
     * @param tokens tokens of the scope
     * @param draws  source of random choices, which belongs to the mini-batch
     */
    Decision decide(ScoredTokens tokens, Draws draws);

    /**
     * Decision about tokens, in packed order.
     *
     * @param share   factor of each token's surrogate: 1, or 0 for a token that does not learn from the reward
     * @param penalty coefficient of {@code |log p - log q|} in each token's loss, for its probability p now and q when it
     *                was sampled
     */
    @SuppressWarnings("ArrayRecordComponent") // a decision is compared by identity
    record Decision(double[] share, double[] penalty) {

        /**
         * The decision that every token learns.
         *
         * @param tokens number of tokens
         */
        public static Decision open(int tokens) {
            var share = new double[tokens];
            Arrays.fill(share, 1);
            return new Decision(share, new double[tokens]);
        }

        /**
         * The decision about the tokens from index {@code from}, inclusive, to index {@code to}, exclusive.
         *
         * @param from index of the first token
         * @param to   index after the last token
         */
        public Decision slice(int from, int to) {
            return new Decision(Arrays.copyOfRange(share, from, to), Arrays.copyOfRange(penalty, from, to));
        }
    }

    /**
     * Checks a share of tokens.
     *
     * @param share share of the tokens
     * @throws IllegalArgumentException unless it is above 0 and at most 1
     */
    static void requireShare(double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be above 0 and at most 1, not " + share);
        }
    }
}
