package org.rlvr4j.rl;

import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.Tensor;

/**
 * Notes on the response tokens of a mini-batch, taken pass by pass in any order and added up in the tokens' order, so
 * that the order of the passes changes no bit of the statistics.
 */
final class TokenNotes {

    private final boolean[] clippedLow;
    private final boolean[] clippedHigh;
    private final boolean[] dualClipped;
    private final double[] losses;
    private final double[] logRatios;
    private final double[] referenceKls;
    private final double[] entropies;

    /** @param count number of response tokens of the mini-batch */
    TokenNotes(int count) {
        clippedLow = new boolean[count];
        clippedHigh = new boolean[count];
        dualClipped = new boolean[count];
        losses = new double[count];
        logRatios = new double[count];
        referenceKls = new double[count];
        entropies = new double[count];
    }

    /**
     * Takes notes on the tokens of a pass.
     *
     * @param terms     terms of the loss
     * @param advantage (T, 1) advantages of the same tokens
     * @param logProbs  log-probabilities and entropies of the same tokens
     * @param places    place of each token in the mini-batch
     */
    void take(PolicyLoss.Terms terms, Tensor advantage, LogProbs logProbs, int[] places) {
        for (int t = 0; t < places.length; t++) {
            var token = PolicyStatistics.Token.of(terms, advantage, logProbs.entropy(t), t);
            int place = places[t];
            clippedLow[place] = token.clippedLow();
            clippedHigh[place] = token.clippedHigh();
            dualClipped[place] = token.dualClipped();
            losses[place] = token.loss();
            logRatios[place] = token.logRatio();
            referenceKls[place] = token.referenceKl();
            entropies[place] = token.entropy();
        }
    }

    /** Statistics of the whole mini-batch. */
    PolicyStatistics statistics() {
        var statistics = new PolicyStatistics();
        for (int t = 0; t < losses.length; t++) {
            statistics.add(new PolicyStatistics.Token(
                    clippedLow[t],
                    clippedHigh[t],
                    dualClipped[t],
                    losses[t],
                    logRatios[t],
                    referenceKls[t],
                    entropies[t]));
        }
        return statistics;
    }
}
