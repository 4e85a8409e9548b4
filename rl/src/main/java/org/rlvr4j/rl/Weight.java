package org.rlvr4j.rl;

import java.util.Arrays;
import org.rlvr4j.tensor.Segments;

/**
 * How the terms of tokens are added up into one loss: each token's factor.
 *
 * <p>A weight is a share of the whole mini-batch, taken before that is cut into micro-batches, so that the cut changes
 * nothing. Responses without tokens have no share and do not count.
 */
public enum Weight {
    /** Mean over the tokens of a response, then over responses (GRPO, GSPO). */
    SEQUENCE_MEAN,
    /** Mean over all tokens, so that long responses weigh more (DAPO). */
    TOKEN_MEAN,
    /** Mean over the tokens of a response, summed over responses (DCPO, equation 8, to the letter). */
    ONLY_TOKEN_MEAN,
    /** {@link #ONLY_TOKEN_MEAN} divided by the responses, which is {@link #SEQUENCE_MEAN} to the last bit. */
    ONLY_TOKEN_MEAN_SCALED,
    /** Sum over the tokens of a response, mean over responses. */
    SEQUENCE_MEAN_TOKEN_SUM,
    /** Sum over all tokens, divided by the longest a response may be (Dr. GRPO). */
    TOKEN_SUM_NORM;

    /** One factor per token, in packed order. */
    public double[] of(Segments responses, Totals whole) {
        var weights = new double[responses.total()];
        for (int s = 0; s < responses.count(); s++) {
            if (responses.length(s) > 0) {
                Arrays.fill(weights, responses.start(s), responses.end(s), share(responses.length(s), whole));
            }
        }
        return weights;
    }

    /** The factor of each token of a response of {@code length} tokens. */
    private double share(int length, Totals whole) {
        return switch (this) {
            case SEQUENCE_MEAN, ONLY_TOKEN_MEAN_SCALED -> 1.0 / length / whole.responses();
            case TOKEN_MEAN -> 1.0 / whole.tokens();
            case ONLY_TOKEN_MEAN -> 1.0 / length;
            case SEQUENCE_MEAN_TOKEN_SUM -> 1.0 / whole.responses();
            case TOKEN_SUM_NORM -> 1.0 / whole.maxLength();
        };
    }

    /**
     * What the weights are shares of: normally a whole mini-batch.
     *
     * @param responses that have tokens
     * @param tokens    of all responses
     * @param maxLength the longest a response may be
     */
    public record Totals(int responses, int tokens, int maxLength) {

        public static Totals of(Segments miniBatch, int maxLength) {
            int responses = 0;
            for (int s = 0; s < miniBatch.count(); s++) {
                responses += miniBatch.length(s) > 0 ? 1 : 0;
            }
            return new Totals(responses, miniBatch.total(), maxLength);
        }
    }
}
