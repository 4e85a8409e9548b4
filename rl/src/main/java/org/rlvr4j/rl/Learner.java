package org.rlvr4j.rl;

import java.util.function.IntConsumer;
import org.rlvr4j.rl.gate.Draws;

/** Learner: computes the gradient of a mini-batch, on this machine or on several. */
public interface Learner {

    /**
     * Computes the gradient of a mini-batch's loss and stores it in the policy's parameters, replacing the previous
     * one.
     *
     * @param miniBatch completions to learn from, with their advantages
     * @param weights   weight of each response token in the loss, in packed order
     * @param draws     source of the gate's random choices
     * @param learned   receives the number of response tokens of each part of the mini-batch when it is done; an exception
     *                  that it throws ends the work, and the gradient is of no use then
     * @return loss, clipping and entropy of the mini-batch's response tokens
     */
    PolicyStatistics learn(Batch miniBatch, double[] weights, Draws draws, IntConsumer learned);

    /**
     * Computes the gradient of a mini-batch's loss without being watched.
     *
     * @param miniBatch completions to learn from, with their advantages
     * @param weights   weight of each response token in the loss, in packed order
     * @param draws     source of the gate's random choices
     */
    default PolicyStatistics learn(Batch miniBatch, double[] weights, Draws draws) {
        return learn(miniBatch, weights, draws, _ -> {});
    }

    /**
     * Returns the policy's log-probabilities and entropies of the response tokens of a batch; no gradient is
     * computed.
     *
     * @param batch completions to compute them for
     */
    Scores score(Batch batch);

    /**
     * Scores of response tokens, in packed order.
     *
     * @param logProbs  log-probability of each token, from logits divided by the temperature
     * @param entropies entropy of each token's next-token distribution, in nats
     */
    @SuppressWarnings("ArrayRecordComponent") // scores are compared by identity
    record Scores(double[] logProbs, double[] entropies) {}
}
