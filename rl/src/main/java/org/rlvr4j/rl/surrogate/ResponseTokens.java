package org.rlvr4j.rl.surrogate;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/**
 * Constants of the response tokens of a micro-batch that a loss depends on: columns (T, 1), packed without padding.
 *
 * @param responses  where each response starts
 * @param oldLogProb what the policy that wrote the tokens gave to them
 * @param advantage  of each token's response
 * @param weight     each token's share of the mini-batch's loss
 * @param refLogProb what the reference policy gives to them; only a KL penalty needs it
 */
public record ResponseTokens(
        Segments responses,
        Tensor oldLogProb,
        Tensor advantage,
        Tensor weight,
        @Nullable Tensor refLogProb) {

    /**
     * Puts the columns into a workspace.
     *
     * @param advantages one per response; the other arrays have one element per token
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
                refLogProb == null ? null : workspace.column(refLogProb));
    }

    /** A constant column of a function of each token's old log-probability. */
    public Tensor mapOldLogProb(DoubleUnaryOperator function) {
        return map(oldLogProb, function);
    }

    /** A constant column of a function of each token's advantage. */
    public Tensor mapAdvantage(DoubleUnaryOperator function) {
        return map(advantage, function);
    }

    private static Tensor map(Tensor column, DoubleUnaryOperator function) {
        var mapped = new double[column.rows()];
        for (int t = 0; t < mapped.length; t++) {
            mapped[t] = function.applyAsDouble(column.get(t));
        }
        return column.workspace().column(mapped);
    }
}
