package org.rlvr4j.rl;

/** Finder of a mini-batch's gradient: on this machine, or on several. */
public interface Learner {

    /**
     * Puts the gradient of the loss of a mini-batch into the policy's parameters, in place of the one before.
     *
     * @param weights one per response token, in packed order
     */
    PolicyStatistics learn(Batch miniBatch, double[] weights);

    /** The policy's log-probabilities and entropies of a batch's response tokens, without a gradient. */
    Scores score(Batch batch);

    /**
     * Numbers of response tokens, in packed order.
     *
     * @param logProbs  log-probabilities of logits/temperature
     * @param entropies of the next-token distributions, in nats
     */
    @SuppressWarnings("ArrayRecordComponent") // scores are compared by identity
    record Scores(double[] logProbs, double[] entropies) {}
}
