package org.rlvr4j.rl.weight;

import java.util.Arrays;
import org.rlvr4j.tensor.Segments;

/**
 * Factor of each token in the sum over tokens that is a loss.
 *
 * <p>A weight is a share of the whole mini-batch, taken before that is cut into micro-batches, so that the cut changes
 * nothing. Responses without tokens have no share and do not count.
 */
public interface Weight {

    /** The name in configurations. */
    String tag();

    /**
     * The factor of each token of a response.
     *
     * @param length tokens of the response, at least one
     */
    double share(int length, Totals whole);

    /** One factor per token, in packed order. */
    default double[] of(Segments responses, Totals whole) {
        var weights = new double[responses.total()];
        for (int s = 0; s < responses.count(); s++) {
            if (responses.length(s) > 0) {
                Arrays.fill(weights, responses.start(s), responses.end(s), share(responses.length(s), whole));
            }
        }
        return weights;
    }

    /**
     * Sizes of which the weights are shares: normally those of a whole mini-batch.
     *
     * @param responses that have tokens
     * @param tokens    of all responses
     * @param maxLength the longest a response may be
     */
    record Totals(int responses, int tokens, int maxLength) {

        /** Sizes of a mini-batch. */
        public static Totals of(Segments miniBatch, int maxLength) {
            int responses = 0;
            for (int s = 0; s < miniBatch.count(); s++) {
                responses += miniBatch.length(s) > 0 ? 1 : 0;
            }
            return new Totals(responses, miniBatch.total(), maxLength);
        }
    }
}
