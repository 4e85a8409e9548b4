package org.rlvr4j.rl;

import java.util.List;
import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.Tensor;

/**
 * Notes on the response tokens of a mini-batch, taken pass by pass in any order and kept in the tokens' order, so that the
 * order of the passes changes no bit of the statistics.
 */
final class TokenNotes {

    private final PolicyStatistics.Token[] tokens;

    /** @param count number of response tokens of the mini-batch */
    TokenNotes(int count) {
        tokens = new PolicyStatistics.Token[count];
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
            tokens[places[t]] = PolicyStatistics.Token.of(terms, advantage, logProbs.entropy(t), t);
        }
    }

    /** What is known of each token, in their order. */
    List<PolicyStatistics.Token> tokens() {
        return List.of(tokens);
    }
}
