package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
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
import org.rlvr4j.tensor.Parameters;

/**
 * Learner on this machine: one forward and backward pass per micro-batch, after a forward pass over the whole mini-batch
 * if the loss has a gate that looks at it.
 *
 * <p>With several shards a mini-batch is cut between groups, by itself alone. The gradient of each shard is one chain, and the
 * gradients are added as a balanced binary tree, so that learners on several machines that have some shards each get the
 * same bits.
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
 * @param gradientShards   number of parts whose gradients are added up, a power of two
 */
public record LocalLearner(
        Decoder policy,
        @Nullable Decoder reference,
        PolicyLoss loss,
        int microBatchTokens,
        double temperature,
        boolean sharePrompts,
        int gradientShards)
        implements Learner {

    /**
     * @throws IllegalArgumentException if the loss has a KL penalty and there is no reference policy, or the number of shards
     *                                  is no power of two
     */
    public LocalLearner {
        Shards.requireCount(gradientShards);
        if (loss.kl().coefficient() > 0 && reference == null) {
            throw new IllegalArgumentException("a KL penalty needs a reference policy");
        }
    }

    /**
     * A learner that shares prompts where the backend can, and does not cut mini-batches into shards.
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
        this(policy, reference, loss, microBatchTokens, temperature, true, 1);
    }

    /**
     * Some responses of a mini-batch.
     *
     * @param batch  the responses
     * @param places place of each of their tokens among all tokens of the mini-batch
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Part(Batch batch, int[] places) {}

    /**
     * Work on some shards.
     *
     * @param shards  what is to be learned
     * @param notes   takes notes on the tokens
     * @param learned receives the number of tokens of each pass
     */
    private record Work(ShardTask shards, TokenNotes notes, IntConsumer learned) {

        double[] weights(int[] places) {
            return at(shards.weights(), places);
        }

        Gate.@Nullable Decision decision(int[] places) {
            Gate.Decision decision = shards.decision();
            return decision == null
                    ? null
                    : new Gate.Decision(at(decision.share(), places), at(decision.penalty(), places));
        }

        private static double[] at(double[] numbers, int[] places) {
            return Arrays.stream(places).mapToDouble(place -> numbers[place]).toArray();
        }
    }

    @Override
    public PolicyStatistics learn(Batch miniBatch, double[] weights, Draws draws, IntConsumer learned) {
        Gate.@Nullable Decision decision =
                loss.gate().scope() == Gate.Scope.MINI_BATCH ? loss.gate().decide(scored(miniBatch), draws) : null;
        var task = new ShardTask(miniBatch, Shards.of(miniBatch, gradientShards), weights, decision, draws);
        return PolicyStatistics.of(learn(task, learned));
    }

    /**
     * Computes the sum of the gradients of some shards and stores it in the policy's parameters, replacing the previous one.
     *
     * @param task    what is to be learned
     * @param learned receives the number of response tokens of each part when it is done
     * @return what is known of each response token, in packed order
     */
    public List<PolicyStatistics.Token> learn(ShardTask task, IntConsumer learned) {
        var work = new Work(task, new TokenNotes(task.batch().responses().total()), learned);
        learn(task.shards(), work);
        return work.notes.tokens();
    }

    /** Leaves the sum of the gradients of some shards: that of their first half plus that of their second half. */
    private void learn(List<Shards.Shard> shards, Work work) {
        if (shards.size() == 1) {
            learn(shards.getFirst(), work);
            return;
        }
        int half = shards.size() / 2;
        learn(shards.subList(0, half), work);
        try (Parameters.Kept first = policy.parameters().keepGrads()) {
            learn(shards.subList(half, shards.size()), work);
            policy.parameters().addGrads(first);
        }
    }

    private void learn(Shards.Shard shard, Work work) {
        policy.parameters().beginGrads();
        backward(part(shard, work, true), work);
        forward(part(shard, work, false), work);
        policy.parameters().mergeRows();
    }

    /** The responses of a shard that have a gradient, or the others. */
    private Part part(Shards.Shard shard, Work work, boolean withGradient) {
        Batch miniBatch = work.shards.batch();
        Gate.Decision decision = work.shards.decision();
        var responses = miniBatch.responses();
        int[] selected = IntStream.range(shard.from(), shard.to())
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

    private void backward(Part part, Work work) {
        @Nullable KeptPrefix prefix = null;
        int at = 0;
        try {
            for (Pass pass : passes(policy, part.batch, loss.ratio().dependsOnMicroBatches())) {
                if (pass.kind().needsPrefix() && prefix == null) {
                    prefix = policy.keep(pass.prefix());
                }
                int end = at + pass.batch().responses().total();
                backward(pass, prefix, Arrays.copyOfRange(part.places, at, end), work);
                work.learned.accept(end - at);
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

    private void backward(Pass pass, @Nullable KeptPrefix prefix, int[] places, Work work) {
        if (places.length == 0) {
            return;
        }
        double @Nullable [] refLogProbs = refLogProbs(pass);
        LogProbs logProbs = logProbs(policy, pass, prefix);
        ResponseTokens tokens = tokens(pass.batch(), work.weights(places), refLogProbs);
        Gate.Decision decision = loss.gate().scope() == Gate.Scope.RESPONSE
                ? loss.gate()
                        .decide(policy.workspace().scoped(() -> loss.scored(logProbs, tokens)), work.shards.draws())
                : work.decision(places);
        PolicyLoss.Terms terms = loss.of(logProbs, decision == null ? tokens : tokens.gatedBy(decision));
        work.notes.take(terms, tokens.advantage(), logProbs, places);
        Autograd.backward(terms.loss());
        policy.workspace().release();
    }

    /** Runs responses without gradient forward; if their loss is not finite, then backward, to find the weight at fault. */
    private void forward(Part part, Work work) {
        int at = 0;
        for (Pass pass : passes(policy, part.batch, false)) {
            Pass closed = pass.closed();
            int end = at + pass.batch().responses().total();
            int[] places = Arrays.copyOfRange(part.places, at, end);
            at = end;
            double lossOfPass = places.length == 0 ? 0 : policy.workspace().scoped(() -> forward(closed, places, work));
            if (!Double.isFinite(lossOfPass)) {
                backward(closed, null, places, work);
            }
            work.learned.accept(places.length);
        }
    }

    private double forward(Pass pass, int[] places, Work work) {
        LogProbs logProbs = logProbs(policy, pass, null);
        ResponseTokens tokens = tokens(pass.batch(), work.weights(places), null);
        Gate.Decision decision = work.decision(places);
        PolicyLoss.Terms terms = loss.of(logProbs, decision == null ? tokens : tokens.gatedBy(decision));
        work.notes.take(terms, tokens.advantage(), logProbs, places);
        return terms.loss().get(0);
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

    /**
     * Response tokens of some responses as a gate sees them before an update; no gradient is computed.
     *
     * @param miniBatch the responses
     */
    public ScoredTokens scored(Batch miniBatch) {
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
