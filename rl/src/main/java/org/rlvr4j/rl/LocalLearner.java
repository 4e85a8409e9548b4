package org.rlvr4j.rl;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.LogProbs;

/**
 * Learner on this machine: one forward and backward pass per micro-batch.
 *
 * @param policy           model whose parameters receive the gradient
 * @param reference        frozen reference policy of the KL penalty; null if there is no penalty. It may share the
 *                         policy's workspace
 * @param loss             loss of a token
 * @param microBatchTokens most tokens of one pass, prompts included; memory, not results, depends on it
 * @param temperature      temperature that the responses were sampled at
 */
public record LocalLearner(
        Qwen2 policy, @Nullable Qwen2 reference, PolicyLoss loss, int microBatchTokens, double temperature)
        implements Learner {

    /** @throws IllegalArgumentException if the loss has a KL penalty and there is no reference policy */
    public LocalLearner {
        if (loss.kl().coefficient() > 0 && reference == null) {
            throw new IllegalArgumentException("a KL penalty needs a reference policy");
        }
    }

    @Override
    public PolicyStatistics learn(Batch miniBatch, double[] weights) {
        var statistics = new PolicyStatistics();
        int at = 0;
        policy.parameters().beginGrads();
        for (Batch microBatch : miniBatch.microBatches(microBatchTokens)) {
            int end = at + microBatch.responses().total();
            learn(microBatch, Arrays.copyOfRange(weights, at, end), statistics);
            at = end;
        }
        policy.parameters().mergeRows();
        return statistics;
    }

    private void learn(Batch batch, double[] weights, PolicyStatistics statistics) {
        double @Nullable [] refLogProbs = refLogProbs(batch);
        LogProbs logProbs = logProbs(policy, batch);
        ResponseTokens tokens = ResponseTokens.of(
                policy.workspace(), batch.responses(), batch.oldLogProbs(), batch.advantages(), weights, refLogProbs);
        PolicyLoss.Terms terms = loss.of(logProbs.column(), tokens);
        statistics.add(terms, tokens.advantage());
        statistics.addEntropy(logProbs);
        Autograd.backward(terms.loss());
        policy.workspace().release();
    }

    private double @Nullable [] refLogProbs(Batch batch) {
        if (loss.kl().coefficient() == 0 || reference == null) {
            return null;
        }
        return reference.workspace().scoped(() -> logProbs(reference, batch).toArray());
    }

    @Override
    public Scores score(Batch batch) {
        var logProbs = DoubleStream.builder();
        var entropies = DoubleStream.builder();
        for (Batch microBatch : batch.microBatches(microBatchTokens)) {
            Scores scores = policy.workspace().scoped(() -> scores(logProbs(policy, microBatch)));
            Arrays.stream(scores.logProbs()).forEach(logProbs);
            Arrays.stream(scores.entropies()).forEach(entropies);
        }
        return new Scores(logProbs.build().toArray(), entropies.build().toArray());
    }

    private static Scores scores(LogProbs logProbs) {
        var entropies = new double[logProbs.rows()];
        Arrays.setAll(entropies, logProbs::entropy);
        return new Scores(logProbs.toArray(), entropies);
    }

    private LogProbs logProbs(Qwen2 model, Batch batch) {
        return new LogProbs(model.logProb(batch.tokens(), batch.rows(), batch.sequences(), temperature));
    }
}
