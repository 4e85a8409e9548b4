package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.Sampling;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.NoGrad;
import org.rlvr4j.tensor.Optimizer;
import org.rlvr4j.tensor.Tensor;

/** Reinforcement learning from verifiable rewards: one rollout, then a few updates from it, step after step. */
public final class Trainer implements AutoCloseable {

    private final Qwen2 policy;
    private final @Nullable Qwen2 reference;
    private final Rollout rollout;
    private final Method method;
    private final TrainerSettings settings;
    private final Optimizer optimizer;
    private final LongSupplier nanoTime;
    private RewardHistory history = new RewardHistory();
    private int steps;
    private int skippedInARow;
    private long generatedResponses;
    private Timings timings = new Timings(0, 0, 0, 0);
    private List<String> obstacles = List.of();

    /**
     * @param reference the frozen policy that a KL penalty keeps close to; needed by a method that has one
     * @param nanoTime  a clock, for {@link #timings()} only
     */
    public Trainer(
            Qwen2 policy,
            @Nullable Qwen2 reference,
            Rollout rollout,
            Method method,
            TrainerSettings settings,
            LongSupplier nanoTime) {
        if (method.loss().kl().coefficient() > 0 && reference == null) {
            throw new IllegalArgumentException("a KL penalty needs a reference policy");
        }
        this.policy = policy;
        this.reference = reference;
        this.rollout = rollout;
        this.method = method;
        this.settings = settings;
        this.optimizer = new Optimizer(policy.parameters(), settings.adamW(), settings.maxGradNorm());
        this.nanoTime = nanoTime;
    }

    /** Generates, grades, compares, and learns. */
    public StepMetrics step() {
        long start = nanoTime.getAsLong();
        Rollout.Result generated = rollout.groups(settings.promptsPerStep(), sampling());
        List<Group> groups = generated.kept();
        Batch batch = batch(groups);
        long middle = nanoTime.getAsLong();

        double learningRate = settings.learningRate().at(steps);
        obstacles = new ArrayList<>();
        var updates = new ArrayList<Update>();
        int responses = batch.completions().size() / settings.updatesPerStep();
        for (int i = 0; i < settings.updatesPerStep(); i++) {
            updates.add(update(batch.slice(i * responses, (i + 1) * responses), learningRate));
        }

        steps++;
        generatedResponses += generated.responses().size();
        timings = new Timings(
                1e-9 * (middle - start),
                1e-9 * (nanoTime.getAsLong() - middle),
                generated.responses().stream()
                        .mapToLong(response -> response.completion().length())
                        .sum(),
                batch.sequences().total());
        return metrics(generated.responses(), batch, updates, learningRate);
    }

    /** What the last step took. */
    public Timings timings() {
        return timings;
    }

    /** Why updates of the last step were not made, one sentence each; empty if all were. */
    public List<String> obstacles() {
        return List.copyOf(obstacles);
    }

    /**
     * All that the next step depends on but the weights and the optimizer's moments: its random numbers depend on
     * nothing but the seed and the visit.
     *
     * @param steps              made so far
     * @param updates            made so far, without those that were skipped
     * @param skippedInARow      updates, up to the last
     * @param generatedResponses so far
     * @param rollout            where it draws from
     * @param history            of rewards, by prompt
     */
    public record State(
            int steps,
            long updates,
            int skippedInARow,
            long generatedResponses,
            Rollout.Place rollout,
            SortedMap<String, RewardHistory.Statistics> history) {}

    /** Between two steps, what a checkpoint has to hold beside weights and moments. */
    public State state() {
        return new State(
                steps, optimizer.steps(), skippedInARow, generatedResponses, rollout.place(), history.entries());
    }

    /** Goes on from a state; weights and moments are the caller's to restore. */
    public void resume(State state) {
        steps = state.steps();
        skippedInARow = state.skippedInARow();
        generatedResponses = state.generatedResponses();
        history = new RewardHistory(state.history());
        rollout.resume(state.rollout());
        optimizer.resume(state.updates());
    }

    /** The owner of the moments. */
    public Optimizer optimizer() {
        return optimizer;
    }

    private Sampling sampling() {
        return new Sampling(
                settings.groupSize(), settings.temperature(), 0, 1, settings.maxNewTokens(), settings.seed());
    }

    /** All responses of the groups in order, each with its advantage. */
    private Batch batch(List<Group> groups) {
        var completions = new ArrayList<Completion>();
        var advantages = new ArrayList<Double>();
        for (Group group : groups) {
            group.responses().forEach(response -> completions.add(response.completion()));
            Arrays.stream(method.advantage().of(group.problem().key(), group.rewards(), history))
                    .forEach(advantages::add);
        }
        return new Batch(completions, advantages.stream().mapToDouble(a -> a).toArray());
    }

    /** One mini-batch's part of the metrics. */
    private record Update(PolicyStatistics statistics, double entropy, double gradNorm) {}

    /** One optimizer step. The loss's weights are of the whole mini-batch: where it is cut changes no bit. */
    private Update update(Batch miniBatch, double learningRate) {
        double[] weights = method.weight()
                .of(miniBatch.responses(), Weight.Totals.of(miniBatch.responses(), settings.maxNewTokens()));
        var statistics = new PolicyStatistics();
        double entropy = 0;
        int at = 0;
        policy.parameters().zeroGrads();
        for (Batch batch : miniBatch.cut(settings.microBatchTokens())) {
            int tokens = batch.responses().total();
            double[] shares = Arrays.copyOfRange(weights, at, at + tokens);
            double @Nullable [] refLogProbs = referenceLogProbs(batch); // before the policy's: it clears the workspace
            Tensor logProbs = logProbs(policy, batch);
            ResponseTokens response = ResponseTokens.of(
                    policy.workspace(),
                    batch.responses(),
                    batch.oldLogProbs(),
                    batch.advantages(),
                    shares,
                    refLogProbs);
            Autograd.backward(method.loss().of(logProbs.column(0), response, statistics));
            for (int t = 0; t < tokens; t++) {
                entropy += logProbs.get(2L * t + 1);
            }
            at += tokens;
            policy.workspace().release();
        }
        policy.parameters().mergeRows();
        double gradNorm = Double.isFinite(statistics.loss()) ? optimizer.step(learningRate) : Double.NaN;
        noteSkipped(miniBatch, statistics.loss(), gradNorm);
        return new Update(statistics, entropy / at, gradNorm);
    }

    private Tensor logProbs(Qwen2 model, Batch batch) {
        return model.logProb(batch.tokens(), batch.rows(), batch.sequences(), settings.temperature());
    }

    private double @Nullable [] referenceLogProbs(Batch batch) {
        if (method.loss().kl().coefficient() == 0 || reference == null) {
            return null;
        }
        Tensor logProbs = NoGrad.call(() -> logProbs(reference, batch));
        var column = new double[logProbs.rows()];
        Arrays.setAll(column, t -> logProbs.get(2L * t));
        reference.workspace().release();
        return column;
    }

    /** An update that is not finite was not made; too many of them in a row end the run. */
    private void noteSkipped(Batch miniBatch, double loss, double gradNorm) {
        if (Double.isFinite(gradNorm)) {
            skippedInARow = 0;
            return;
        }
        skippedInARow++;
        boolean lossAlone = Double.isFinite(policy.parameters().gradNorm());
        String obstacle = "step " + (steps + 1) + ": "
                + (lossAlone
                        ? "the loss"
                        : "the gradient of " + policy.parameters().firstNotFinite())
                + " is not finite (loss " + loss + ", prompts "
                + miniBatch.completions().getFirst().prompt().id() + " to "
                + miniBatch.completions().getLast().prompt().id() + ")";
        obstacles.add(obstacle + ", so this update was not made");
        if (skippedInARow > settings.maxSkipped()) {
            throw new NotFiniteException(obstacle + "; " + skippedInARow
                    + " updates in a row were not made: lower training.learningRate or training.maxGradNorm");
        }
    }

    private StepMetrics metrics(List<Response> responses, Batch batch, List<Update> updates, double learningRate) {
        int skipped = (int) updates.stream()
                .filter(update -> !Double.isFinite(update.gradNorm))
                .count();
        return new StepMetrics(
                steps,
                responses.stream().mapToDouble(Response::reward).average().orElse(0),
                responses.stream()
                        .mapToDouble(response -> response.verdict().correct() ? 1 : 0)
                        .average()
                        .orElse(0),
                Metrics.responseUtilizationRatio(batch.advantages(), responses.size()),
                mean(updates, update -> update.statistics.tokenClippingRatio()),
                mean(updates, update -> update.statistics.dualClippedShare()),
                mean(updates, update -> update.statistics.ppoKl()),
                mean(updates, Update::entropy),
                mean(updates, update -> update.statistics.loss()),
                responses.stream()
                        .mapToInt(response -> response.completion().length())
                        .average()
                        .orElse(0),
                responses.stream()
                        .mapToInt(response -> response.completion().length())
                        .max()
                        .orElse(0),
                responses.stream()
                        .mapToDouble(response -> response.completion().isTruncated() ? 1 : 0)
                        .average()
                        .orElse(0),
                updates.stream()
                        .mapToDouble(Update::gradNorm)
                        .filter(Double::isFinite)
                        .average()
                        .orElse(0),
                learningRate,
                skipped,
                generatedResponses);
    }

    private static double mean(List<Update> updates, ToDoubleFunction<Update> part) {
        return updates.stream().mapToDouble(part).average().orElse(0);
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
