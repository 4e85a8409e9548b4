package org.rlvr4j.rl.weight;

import java.util.Arrays;
import org.rlvr4j.tensor.Segments;

/**
 * Weight: the factor of each token in the sum over tokens that is the loss.
 *
 * <p>Weights are computed for the whole mini-batch, before it is divided into micro-batches, so that the division
 * changes nothing. Responses without tokens have no weight and are not counted.
 */
public interface Weight {

    /** Name of this kind of weight in configurations. */
    String tag();

    /**
     * Returns the factor that all tokens of a response have.
     *
     * @param length number of tokens of the response, at least 1
     * @param totals sizes of the whole mini-batch
     */
    double factor(int length, Totals totals);

    /**
     * Returns the factor of each token, in packed order.
     *
     * @param responses rows of each response
     * @param totals    sizes of the whole mini-batch
     */
    default double[] of(Segments responses, Totals totals) {
        var weights = new double[responses.total()];
        for (int s = 0; s < responses.count(); s++) {
            if (responses.length(s) > 0) {
                Arrays.fill(weights, responses.start(s), responses.end(s), factor(responses.length(s), totals));
            }
        }
        return weights;
    }

    /**
     * Totals that weights are computed from, normally those of a whole mini-batch.
     *
     * @param responses number of responses that have tokens
     * @param tokens    number of tokens of all responses
     * @param maxLength largest number of tokens that a response may have
     */
    record Totals(int responses, int tokens, int maxLength) {

        /**
         * Counts the totals of a mini-batch.
         *
         * @param miniBatch rows of each response
         * @param maxLength largest number of tokens that a response may have
         */
        public static Totals of(Segments miniBatch, int maxLength) {
            int responses = 0;
            for (int s = 0; s < miniBatch.count(); s++) {
                responses += miniBatch.length(s) > 0 ? 1 : 0;
            }
            return new Totals(responses, miniBatch.total(), maxLength);
        }
    }
}
