package org.rlvr4j.rl;

/**
 * What the loss noted about the tokens of a mini-batch.
 *
 * <p>Tokens are added one by one in mini-batch order, so the cut into micro-batches does not change a bit.
 */
public final class PolicyStatistics {

    private int tokens;
    private int clipped;
    private int dualClipped;
    private double loss;
    private double logRatio;

    void add(double lossShare, double tokenLogRatio, boolean isClipped, boolean isDualClipped) {
        tokens++;
        clipped += isClipped ? 1 : 0;
        dualClipped += isDualClipped ? 1 : 0;
        loss += lossShare;
        logRatio += tokenLogRatio;
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

    private double perToken(double sum) {
        return tokens == 0 ? 0 : sum / tokens;
    }
}
