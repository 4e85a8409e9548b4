package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.LongSupplier;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.Optimizer;

/** Reinforcement learning from verifiable rewards: one rollout, then a few updates from it, step after step. */
public final class Trainer implements AutoCloseable {

    private final Rollout rollout;
    private final Learner learner;
    private final Method method;
    private final TrainerSettings settings;
    private final Optimizer optimizer;
    private final FiniteGuard guard;
    private final LongSupplier nanoTime;
    private RewardHistory history = new RewardHistory();
    private int steps;
    private long generatedResponses;

    /**
     * @param policy   whose parameters are updated
     * @param learner  finds their gradient
     * @param nanoTime clock in nanoseconds, for {@link Step#timings()} only
     */
    public Trainer(
            Qwen2 policy,
            Learner learner,
            Rollout rollout,
            Method method,
            TrainerSettings settings,
            LongSupplier nanoTime) {
        this.learner = learner;
        this.rollout = rollout;
        this.method = method;
        this.settings = settings;
        this.optimizer = new Optimizer(policy.parameters(), settings.adamW(), settings.maxGradNorm());
        this.guard = new FiniteGuard(policy.parameters(), settings.maxSkipped());
        this.nanoTime = nanoTime;
    }

    /**
     * Result of a step.
     *
     * @param metrics   the same on every machine
     * @param timings   of this machine
     * @param groups    all that were generated, those that the filter dropped included
     * @param obstacles why updates were not made, one sentence each; empty if all were
     */
    public record Step(StepMetrics metrics, Timings timings, List<Group> groups, List<String> obstacles) {}

    /** Update of the policy: what was learned from a mini-batch, and the gradient's norm before clipping. */
    record Update(PolicyStatistics statistics, double gradNorm) {}

    /** Generates, judges, compares, and learns. */
    public Step step() {
        long start = nanoTime.getAsLong();
        Rollout.Result generated = rollout.groups(settings.promptsPerStep(), sampling());
        Batch batch = Batch.of(generated.kept(), method.advantage(), history);
        long middle = nanoTime.getAsLong();

        double learningRate = settings.learningRate().at(steps);
        guard.beginStep();
        var updates = new ArrayList<Update>();
        for (Batch miniBatch : batch.split(settings.updatesPerStep())) {
            updates.add(update(miniBatch, learningRate));
        }

        steps++;
        generatedResponses += generated.responses().size();
        StepMetrics metrics =
                StepMetrics.of(steps, generated.responses(), batch, updates, learningRate, generatedResponses);
        var timings = new Timings(
                1e-9 * (middle - start),
                1e-9 * (nanoTime.getAsLong() - middle),
                generated.tokens(),
                batch.sequences().total());
        return new Step(metrics, timings, generated.generated(), guard.obstacles());
    }

    /** One optimizer step. The loss's weights are of the whole mini-batch: where it is cut changes no bit. */
    private Update update(Batch miniBatch, double learningRate) {
        double[] weights = method.weight()
                .of(miniBatch.responses(), Weight.Totals.of(miniBatch.responses(), settings.maxNewTokens()));
        PolicyStatistics statistics = learner.learn(miniBatch, weights);
        double gradNorm = Double.isFinite(statistics.loss()) ? optimizer.step(learningRate) : Double.NaN;
        guard.check(steps + 1, miniBatch, statistics.loss(), gradNorm);
        return new Update(statistics, gradNorm);
    }

    private Sampling sampling() {
        return new Sampling(
                settings.groupSize(), settings.temperature(), 0, 1, settings.maxNewTokens(), settings.seed());
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
                steps,
                optimizer.steps(),
                guard.skippedInARow(),
                generatedResponses,
                rollout.place(),
                history.entries());
    }

    /** Goes on from a state; weights and moments are the caller's to restore. */
    public void resume(State state) {
        steps = state.steps();
        guard.resume(state.skippedInARow());
        generatedResponses = state.generatedResponses();
        history = new RewardHistory(state.history());
        rollout.resume(state.rollout());
        optimizer.resume(state.updates());
    }

    /** The owner of the moments. */
    public Optimizer optimizer() {
        return optimizer;
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
