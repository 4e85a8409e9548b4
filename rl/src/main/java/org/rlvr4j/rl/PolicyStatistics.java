package org.rlvr4j.rl;

import org.rlvr4j.tensor.Tensor;

/**
 * Statistics of the response tokens of a mini-batch.
 *
 * <p>Tokens are added one by one in the order of the mini-batch, so the division into micro-batches changes no bit.
 */
public final class PolicyStatistics {

    private int tokens;
    private int clippedLow;
    private int clippedHigh;
    private int dualClipped;
    private double loss;
    private double logRatio;
    private double referenceKl;
    private double entropy;

    /**
     * Adds the tokens of a micro-batch: loss, clipping, log-ratio and divergence from the reference policy.
     *
     * @param terms     terms of the loss
     * @param advantage (T, 1) advantages of the same tokens; one without advantage has nothing to clip
     */
    public void add(PolicyLoss.Terms terms, Tensor advantage) {
        for (int t = 0; t < terms.weighted().rows(); t++) {
            add(Token.of(terms, advantage, 0, t));
        }
    }

    /**
     * Statistics of tokens.
     *
     * @param tokens what is known of each, in the order of the mini-batch
     */
    public static PolicyStatistics of(Iterable<Token> tokens) {
        var statistics = new PolicyStatistics();
        tokens.forEach(statistics::add);
        return statistics;
    }

    /**
     * What is known of one token.
     *
     * @param clippedLow  whether the clip acts on it at the low end
     * @param clippedHigh whether the clip acts on it at the high end
     * @param dualClipped whether the dual clip acts on it
     * @param loss        its weighted term
     * @param logRatio    log p - log q
     * @param referenceKl its estimate of the divergence from the reference policy; NaN if there is no KL penalty
     * @param entropy     entropy of its distribution, in nats
     */
    public record Token(
            boolean clippedLow,
            boolean clippedHigh,
            boolean dualClipped,
            double loss,
            double logRatio,
            double referenceKl,
            double entropy) {

        static Token of(PolicyLoss.Terms terms, Tensor advantage, double entropy, int t) {
            boolean isClipped = terms.surrogates().clipped()[t] && advantage.get(t) != 0;
            boolean isLow = terms.ratio().get(t) < 1;
            Tensor kl = terms.kl();
            return new Token(
                    isClipped && isLow,
                    isClipped && !isLow,
                    terms.surrogates().dualClipped()[t],
                    terms.weighted().get(t),
                    terms.logRatio().get(t),
                    kl == null ? Double.NaN : kl.get(t),
                    entropy);
        }
    }

    /** Adds a token. */
    void add(Token token) {
        tokens++;
        clippedLow += token.clippedLow ? 1 : 0;
        clippedHigh += token.clippedHigh ? 1 : 0;
        dualClipped += token.dualClipped ? 1 : 0;
        loss += token.loss;
        logRatio += token.logRatio;
        referenceKl += token.referenceKl;
        entropy += token.entropy;
    }

    /** The loss of the mini-batch: the sum of the weighted terms of its tokens. */
    public double loss() {
        return loss;
    }

    /**
     * Token clipping ratio (TCR): share of tokens whose objective is lowered by the clip, which also removes their
     * gradient.
     */
    public double tokenClippingRatio() {
        return perToken(clippedLow + clippedHigh);
    }

    /** Share of all tokens that are clipped at the low end of the interval, where their ratio is below 1. */
    public double clippedLowShare() {
        return perToken(clippedLow);
    }

    /** Share of all tokens that are clipped at the high end of the interval, where their ratio is above 1. */
    public double clippedHighShare() {
        return perToken(clippedHigh);
    }

    /** Share of all tokens at which the dual clip acts, which needs a negative advantage. */
    public double dualClippedShare() {
        return perToken(dualClipped);
    }

    /**
     * Mean of {@code log q - log p} over tokens: how far the policy p has moved from the policy q that wrote the
     * tokens.
     */
    public double ppoKl() {
        return perToken(-logRatio);
    }

    /**
     * Mean over tokens of the penalty's estimate of the divergence from the reference policy, in nats; NaN if there is no
     * KL penalty.
     */
    public double referenceKl() {
        return perToken(referenceKl);
    }

    /** Mean entropy of the policy's next-token distributions over tokens, in nats. */
    public double entropy() {
        return perToken(entropy);
    }

    private double perToken(double sum) {
        return tokens == 0 ? 0 : sum / tokens;
    }
}
