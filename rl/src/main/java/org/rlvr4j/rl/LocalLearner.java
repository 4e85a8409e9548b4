package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.KeptPrefix;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.ScoredTokens;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.LogProbs;

/**
 * Learner on this machine: one forward and backward pass per micro-batch, after a forward pass over the whole mini-batch
 * if the loss has a gate that looks at it.
 *
 * <p>Responses that have no gradient (their advantage is 0, and nothing else in the loss acts on them) are only run
 * forward, for the statistics.
 *
 * @param policy           model whose parameters receive the gradient
 * @param reference        frozen reference policy of the KL penalty; null if there is no penalty. It may share the
 *                         policy's workspace
 * @param loss             loss of a token
 * @param microBatchTokens most tokens of one pass, prompts included; memory, not results, depends on it
 * @param temperature      temperature that the responses were sampled at
 * @param sharePrompts     whether a prompt is computed once for the responses of its group, where the backend can; if
 *                         not, it is repeated before each response
 */
public record LocalLearner(
        Decoder policy,
        @Nullable Decoder reference,
        PolicyLoss loss,
        int microBatchTokens,
        double temperature,
        boolean sharePrompts)
        implements Learner {

    /** @throws IllegalArgumentException if the loss has a KL penalty and there is no reference policy */
    public LocalLearner {
        if (loss.kl().coefficient() > 0 && reference == null) {
            throw new IllegalArgumentException("a KL penalty needs a reference policy");
        }
    }

    /**
     * A learner that shares prompts where the backend can.
     *
     * @param policy           model whose parameters receive the gradient
     * @param reference        frozen reference policy of the KL penalty; null if there is no penalty
     * @param loss             loss of a token
     * @param microBatchTokens most tokens of one pass, prompts included
     * @param temperature      temperature that the responses were sampled at
     * @throws IllegalArgumentException if the loss has a KL penalty and there is no reference policy
     */
    public LocalLearner(
            Decoder policy, @Nullable Decoder reference, PolicyLoss loss, int microBatchTokens, double temperature) {
        this(policy, reference, loss, microBatchTokens, temperature, true);
    }

    /**
     * Some responses of a mini-batch.
     *
     * @param batch  the responses
     * @param places place of each of their tokens among all tokens of the mini-batch
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Part(Batch batch, int[] places) {}

    @Override
    public PolicyStatistics learn(Batch miniBatch, double[] weights, Draws draws) {
        Gate.@Nullable Decision decision =
                loss.gate().scope() == Gate.Scope.MINI_BATCH ? loss.gate().decide(scored(miniBatch), draws) : null;
        var notes = new TokenNotes(miniBatch.responses().total());
        policy.parameters().beginGrads();
        backward(part(miniBatch, decision, true), weights, decision, draws, notes);
        forward(part(miniBatch, decision, false), weights, decision, draws, notes);
        policy.parameters().mergeRows();
        return notes.statistics();
    }

    /** The responses of a mini-batch that have a gradient, or the others. */
    private Part part(Batch miniBatch, Gate.@Nullable Decision decision, boolean withGradient) {
        var responses = miniBatch.responses();
        int[] selected = IntStream.range(0, responses.count())
                .filter(i -> hasGradient(miniBatch.advantages()[i], decision, responses.start(i), responses.end(i))
                        == withGradient)
                .toArray();
        int[] places = Arrays.stream(selected)
                .flatMap(i -> IntStream.range(responses.start(i), responses.end(i)))
                .toArray();
        var batch = new Batch(
                Arrays.stream(selected).mapToObj(miniBatch.completions()::get).toList(),
                Arrays.stream(selected)
                        .mapToDouble(i -> miniBatch.advantages()[i])
                        .toArray());
        return new Part(batch, places);
    }

    /** Whether the loss of a response's tokens may have a gradient; every surrogate's is 0 for the advantage 0. */
    private boolean hasGradient(double advantage, Gate.@Nullable Decision decision, int from, int to) {
        return advantage != 0
                || loss.kl().coefficient() > 0
                || loss.entropy().coefficient() > 0
                || loss.ratio().dependsOnMicroBatches()
                || loss.gate().scope() == Gate.Scope.RESPONSE
                || (decision != null
                        && Arrays.stream(decision.penalty(), from, to).anyMatch(penalty -> penalty != 0));
    }

    private void backward(
            Part part, double[] weights, Gate.@Nullable Decision decision, Draws draws, TokenNotes notes) {
        @Nullable KeptPrefix prefix = null;
        int at = 0;
        try {
            for (Pass pass : passes(policy, part.batch, loss.ratio().dependsOnMicroBatches())) {
                if (pass.kind().needsPrefix() && prefix == null) {
                    prefix = policy.keep(pass.prefix());
                }
                int end = at + pass.batch().responses().total();
                backward(pass, prefix, Arrays.copyOfRange(part.places, at, end), weights, decision, draws, notes);
                at = end;
                if (pass.kind() == Pass.Kind.LAST_PART && prefix != null) {
                    prefix.close();
                    prefix = null;
                }
            }
        } finally {
            if (prefix != null) {
                prefix.close();
            }
        }
    }

    private void backward(
            Pass pass,
            @Nullable KeptPrefix prefix,
            int[] places,
            double[] weights,
            Gate.@Nullable Decision ofMiniBatch,
            Draws draws,
            TokenNotes notes) {
        if (places.length == 0) {
            return;
        }
        double @Nullable [] refLogProbs = refLogProbs(pass);
        LogProbs logProbs = logProbs(policy, pass, prefix);
        ResponseTokens tokens = tokens(pass.batch(), at(weights, places), refLogProbs);
        Gate.Decision decision = loss.gate().scope() == Gate.Scope.RESPONSE
                ? loss.gate().decide(policy.workspace().scoped(() -> loss.scored(logProbs, tokens)), draws)
                : at(ofMiniBatch, places);
        PolicyLoss.Terms terms = loss.of(logProbs, decision == null ? tokens : tokens.gatedBy(decision));
        notes.take(terms, tokens.advantage(), logProbs, places);
        Autograd.backward(terms.loss());
        policy.workspace().release();
    }

    /** Runs responses without gradient forward; if their loss is not finite, then backward, to find the weight at fault. */
    private void forward(
            Part part, double[] weights, Gate.@Nullable Decision ofMiniBatch, Draws draws, TokenNotes notes) {
        int at = 0;
        for (Pass pass : passes(policy, part.batch, false)) {
            Pass closed = pass.closed();
            int end = at + pass.batch().responses().total();
            int[] places = Arrays.copyOfRange(part.places, at, end);
            at = end;
            double lossOfPass = places.length == 0
                    ? 0
                    : policy.workspace().scoped(() -> forward(closed, places, weights, ofMiniBatch, notes));
            if (!Double.isFinite(lossOfPass)) {
                backward(closed, null, places, weights, ofMiniBatch, draws, notes);
            }
        }
    }

    private double forward(
            Pass pass, int[] places, double[] weights, Gate.@Nullable Decision ofMiniBatch, TokenNotes notes) {
        LogProbs logProbs = logProbs(policy, pass, null);
        ResponseTokens tokens = tokens(pass.batch(), at(weights, places), null);
        Gate.Decision decision = at(ofMiniBatch, places);
        PolicyLoss.Terms terms = loss.of(logProbs, decision == null ? tokens : tokens.gatedBy(decision));
        notes.take(terms, tokens.advantage(), logProbs, places);
        return terms.loss().get(0);
    }

    private static double[] at(double[] numbers, int[] places) {
        return Arrays.stream(places).mapToDouble(place -> numbers[place]).toArray();
    }

    private static Gate.@Nullable Decision at(Gate.@Nullable Decision decision, int[] places) {
        return decision == null
                ? null
                : new Gate.Decision(at(decision.share(), places), at(decision.penalty(), places));
    }

    /** @param fixed whether the responses of each pass must be those of a micro-batch with repeated prompts */
    private List<Pass> passes(Decoder model, Batch batch, boolean fixed) {
        if (batch.completions().isEmpty()) {
            return List.of();
        }
        if (!sharePrompts || !model.workspace().backend().continuesSequences()) {
            return Pass.repeated(batch, microBatchTokens);
        }
        if (fixed) {
            return Pass.sharedWithin(batch, microBatchTokens);
        }
        int vocabulary = model.config().vocabularySize();
        return Pass.shared(batch, microBatchTokens, LogProb.mostSavedRows(model.workspace(), vocabulary));
    }

    private ScoredTokens scored(Batch miniBatch) {
        List<ScoredTokens> parts = new ArrayList<>();
        for (Pass pass : passes(policy, miniBatch, loss.ratio().dependsOnMicroBatches())) {
            var noWeights = new double[pass.batch().responses().total()];
            parts.add(policy.workspace().scoped(() -> {
                ResponseTokens tokens = tokens(pass.batch(), noWeights, null);
                return loss.scored(logProbs(policy, pass.closed(), null), tokens);
            }));
        }
        return ScoredTokens.joined(parts);
    }

    private ResponseTokens tokens(Batch batch, double[] weights, double @Nullable [] refLogProbs) {
        return ResponseTokens.of(
                policy.workspace(), batch.responses(), batch.oldLogProbs(), batch.advantages(), weights, refLogProbs);
    }

    private double @Nullable [] refLogProbs(Pass pass) {
        if (loss.kl().coefficient() == 0 || reference == null) {
            return null;
        }
        boolean repeats = !reference.workspace().backend().continuesSequences();
        Pass closed = repeats ? new Pass(pass.batch(), Pass.Kind.REPEATED) : pass.closed();
        return reference.workspace().scoped(() -> logProbs(reference, closed, null)
                .toArray());
    }

    @Override
    public Scores score(Batch batch) {
        var logProbs = DoubleStream.builder();
        var entropies = DoubleStream.builder();
        for (Pass pass : passes(policy, batch, false)) {
            Scores scores = policy.workspace().scoped(() -> scores(logProbs(policy, pass.closed(), null)));
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

    private LogProbs logProbs(Decoder model, Pass pass, @Nullable KeptPrefix prefix) {
        return new LogProbs(model.logProb(pass.packed(prefix), temperature));
    }
}
