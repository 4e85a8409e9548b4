package org.rlvr4j.rl.surrogate;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/**
 * Response tokens of a micro-batch, with the constants that a loss depends on, as columns (T, 1) without padding.
 *
 * @param responses  rows of each response
 * @param oldLogProb (T, 1) log-probabilities by the policy that sampled the tokens
 * @param advantage  (T, 1) advantage of the response that each token belongs to
 * @param weight     (T, 1) weight of each token in the mini-batch's loss
 * @param refLogProb (T, 1) log-probabilities by the reference policy; null if there is no KL penalty
 * @param gated      what the method's gate decided about the tokens; null if it has none
 */
public record ResponseTokens(
        Segments responses,
        Tensor oldLogProb,
        Tensor advantage,
        Tensor weight,
        @Nullable Tensor refLogProb,
        @Nullable Gated gated) {

    /**
     * Decision of a gate as columns.
     *
     * @param share   (T, 1) factor of each token's surrogate: 1, or 0 for a token that does not learn from the reward
     * @param penalty (T, 1) coefficient of each token's distance from its old log-probability
     */
    public record Gated(Tensor share, Tensor penalty) {}

    /**
     * Copies the constants into columns of a workspace.
     *
     * @param workspace  workspace of the policy's forward pass
     * @param responses  rows of each response
     * @param oldLogProb log-probability of each token by the policy that sampled it
     * @param advantages advantage of each response
     * @param weight     weight of each token
     * @param refLogProb log-probability of each token by the reference policy; null if there is no KL penalty
     */
    public static ResponseTokens of(
            Workspace workspace,
            Segments responses,
            double[] oldLogProb,
            double[] advantages,
            double[] weight,
            double @Nullable [] refLogProb) {
        var advantage = new double[responses.total()];
        for (int s = 0; s < responses.count(); s++) {
            Arrays.fill(advantage, responses.start(s), responses.end(s), advantages[s]);
        }
        return new ResponseTokens(
                responses,
                workspace.column(oldLogProb),
                workspace.column(advantage),
                workspace.column(weight),
                refLogProb == null ? null : workspace.column(refLogProb),
                null);
    }

    /**
     * The same tokens with a gate's decision about them.
     *
     * @param decision decision about these tokens
     */
    public ResponseTokens gatedBy(Gate.Decision decision) {
        Workspace workspace = weight.workspace();
        var decided = new Gated(workspace.column(decision.share()), workspace.column(decision.penalty()));
        return new ResponseTokens(responses, oldLogProb, advantage, weight, refLogProb, decided);
    }

    /**
     * A constant column (T, 1): the function of each token's index.
     *
     * @param function function from a token's index to its number
     */
    public Tensor constant(IntToDoubleFunction function) {
        var values = new double[responses.total()];
        Arrays.setAll(values, function);
        return weight.workspace().column(values);
    }

    /**
     * A constant column (T, 1): the function of each token's old log-probability.
     *
     * @param function function of an old log-probability
     */
    public Tensor mapOldLogProb(DoubleUnaryOperator function) {
        return constant(t -> function.applyAsDouble(oldLogProb.get(t)));
    }

    /**
     * A constant column (T, 1): the function of each token's advantage.
     *
     * @param function function of an advantage
     */
    public Tensor mapAdvantage(DoubleUnaryOperator function) {
        return constant(t -> function.applyAsDouble(advantage.get(t)));
    }
}
