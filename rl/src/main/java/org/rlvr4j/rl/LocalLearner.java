package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.ScoredTokens;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.LogProbs;

/**
 * Learner on this machine: one forward and backward pass per micro-batch, after a forward pass over the whole mini-batch
 * if the loss has a gate that looks at it.
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
    public PolicyStatistics learn(Batch miniBatch, double[] weights, Draws draws) {
        var statistics = new PolicyStatistics();
        Gate.@Nullable Decision decision =
                loss.gate().scope() == Gate.Scope.MINI_BATCH ? loss.gate().decide(scored(miniBatch), draws) : null;
        int at = 0;
        policy.parameters().beginGrads();
        for (Batch microBatch : miniBatch.microBatches(microBatchTokens)) {
            int end = at + microBatch.responses().total();
            learn(
                    microBatch,
                    Arrays.copyOfRange(weights, at, end),
                    decision == null ? null : decision.slice(at, end),
                    draws,
                    statistics);
            at = end;
        }
        policy.parameters().mergeRows();
        return statistics;
    }

    private void learn(
            Batch batch,
            double[] weights,
            Gate.@Nullable Decision ofMiniBatch,
            Draws draws,
            PolicyStatistics statistics) {
        double @Nullable [] refLogProbs = refLogProbs(batch);
        LogProbs logProbs = logProbs(policy, batch);
        ResponseTokens tokens = tokens(batch, weights, refLogProbs);
        Gate.Decision decision = loss.gate().scope() == Gate.Scope.RESPONSE
                ? loss.gate().decide(policy.workspace().scoped(() -> loss.scored(logProbs, tokens)), draws)
                : ofMiniBatch;
        PolicyLoss.Terms terms = loss.of(logProbs, decision == null ? tokens : tokens.gatedBy(decision));
        statistics.add(terms, tokens.advantage());
        statistics.addEntropy(logProbs);
        Autograd.backward(terms.loss());
        policy.workspace().release();
    }

    private ScoredTokens scored(Batch miniBatch) {
        List<ScoredTokens> parts = new ArrayList<>();
        for (Batch microBatch : miniBatch.microBatches(microBatchTokens)) {
            var noWeights = new double[microBatch.responses().total()];
            parts.add(policy.workspace().scoped(() -> {
                ResponseTokens tokens = tokens(microBatch, noWeights, null);
                return loss.scored(logProbs(policy, microBatch), tokens);
            }));
        }
        return ScoredTokens.joined(parts);
    }

    private ResponseTokens tokens(Batch batch, double[] weights, double @Nullable [] refLogProbs) {
        return ResponseTokens.of(
                policy.workspace(), batch.responses(), batch.oldLogProbs(), batch.advantages(), weights, refLogProbs);
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
