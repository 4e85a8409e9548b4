package org.rlvr4j.rl;

import org.rlvr4j.tensor.LogProbs;

/**
 * Statistics of the response tokens of a mini-batch.
 *
 * <p>Tokens are added one by one in mini-batch order, so the cut into micro-batches does not change a bit.
 */
public final class PolicyStatistics {

    private int tokens;
    private int clipped;
    private int dualClipped;
    private double loss;
    private double logRatio;
    private double entropy;

    /** Counts the tokens of a micro-batch. */
    public void add(PolicyLoss.Terms terms) {
        for (int t = 0; t < terms.shares().rows(); t++) {
            tokens++;
            clipped += terms.surrogates().clipped()[t] ? 1 : 0;
            dualClipped += terms.surrogates().dualClipped()[t] ? 1 : 0;
            loss += terms.shares().get(t);
            logRatio += terms.logRatio().get(t);
        }
    }

    /** Adds the entropies of the distributions that the tokens of a micro-batch were drawn from. */
    public void addEntropy(LogProbs logProbs) {
        for (int t = 0; t < logProbs.rows(); t++) {
            entropy += logProbs.entropy(t);
        }
    }

    /** The loss. */
    public double loss() {
        return loss;
    }

    /** TCR: the share of tokens whose clip lowers the objective and takes their gradient. */
    public double tokenClippingRatio() {
        return perToken(clipped);
    }

    /** The share of tokens, of responses with a negative advantage, at which the dual clip acts. */
    public double dualClippedShare() {
        return perToken(dualClipped);
    }

    /** The mean of {@code log q - log p}: how far the policy has moved from the one that wrote the tokens. */
    public double ppoKl() {
        return perToken(-logRatio);
    }

    /** The mean entropy of the policy's next-token distribution, in nats. */
    public double entropy() {
        return perToken(entropy);
    }

    private double perToken(double sum) {
        return tokens == 0 ? 0 : sum / tokens;
    }
}
