package org.rlvr4j.run.supervised;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.ExampleOrder;
import org.rlvr4j.eval.Demonstration;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.run.config.Demonstrations;
import org.rlvr4j.tensor.AdamW;

/**
 * Steps of supervised learning from demonstrations, with the loss of those that are held back. Which demonstrations a step
 * learns depends only on the seed and the step's number.
 */
public final class SupervisedSteps implements AutoCloseable {

    /** Name of the held-back loss among the numbers of a step. */
    public static final String HELD_BACK_LOSS = "heldBackLoss";

    private final DemonstrationSets sets;
    private final Demonstrations settings;
    private final ExampleOrder<Demonstration> order;
    private final int total;
    private final SupervisedTrainer trainer;
    private final IntConsumer improved;
    private State state = State.START;

    /**
     * State between two steps, which a checkpoint holds beside weights and moments. Losses are null where nothing is measured.
     *
     * @param steps    number of steps made so far
     * @param loss     loss of the latest step
     * @param before   held-back loss of the start
     * @param heldBack latest held-back loss
     * @param best     lowest held-back loss
     * @param bestStep number of steps made before it was measured
     */
    public record State(
            int steps,
            @Nullable Double loss,
            @Nullable Double before,
            @Nullable Double heldBack,
            @Nullable Double best,
            int bestStep) {

        static final State START = new State(0, null, null, null, null, 0);

        private State stepped(double latest) {
            return new State(steps + 1, latest, before, heldBack, best, bestStep);
        }

        private State measured(double latest) {
            boolean better = best == null || latest < best;
            return new State(
                    steps,
                    loss,
                    before == null ? latest : before,
                    latest,
                    better ? latest : best,
                    better ? steps : bestStep);
        }

        /** Whether the held-back loss was lowest after an earlier step than the latest. */
        public boolean isBeyondBest() {
            return best != null && bestStep < steps;
        }
    }

    /**
     * @param model    model to train
     * @param sets     demonstrations
     * @param settings sizes, learning rate and other settings
     * @param improved called after each step, and before the first one, whose held-back loss is the lowest so far
     */
    public SupervisedSteps(Decoder model, DemonstrationSets sets, Demonstrations settings, IntConsumer improved) {
        this.sets = sets;
        this.settings = settings;
        this.order = new ExampleOrder<>(sets.training(), settings.batchSize(), settings.seed());
        this.total = settings.totalSteps(order.stepsPerEpoch());
        this.improved = improved;
        this.trainer = new SupervisedTrainer(
                model,
                settings.rates(total),
                AdamW.withDecay(settings.weightDecay()),
                settings.maxGradNorm(),
                settings.microBatchTokens());
    }

    /** Number of all steps. */
    public int total() {
        return total;
    }

    /** The state between two steps. */
    public State state() {
        return state;
    }

    /**
     * Continues from a state; the caller restores weights and moments.
     *
     * @param earlier state that {@link #state()} returned
     */
    public void resume(State earlier) {
        state = earlier;
        trainer.resume(earlier.steps());
    }

    /** The trainer, whose optimizer holds the moments. */
    public SupervisedTrainer trainer() {
        return trainer;
    }

    /** The numbers of the start by name: its held-back loss; nothing if no demonstrations are held back. */
    public Map<String, Number> begin() {
        var numbers = new LinkedHashMap<String, Number>();
        if (!sets.heldBack().isEmpty()) {
            numbers.put("step", state.steps());
            numbers.put(HELD_BACK_LOSS, measure());
        }
        return numbers;
    }

    /**
     * Makes the next step, and measures the held-back loss if that is due.
     *
     * @return the numbers of the step by name
     * @throws org.rlvr4j.rl.NotFiniteException if the gradient is not finite
     */
    public Map<String, Number> next() {
        SupervisedTrainer.Update update = trainer.learn(order.batch(state.steps()));
        state = state.stepped(update.loss());
        var numbers = new LinkedHashMap<String, Number>();
        numbers.put("step", state.steps());
        numbers.put("epoch", (double) state.steps() / order.stepsPerEpoch());
        numbers.put("loss", update.loss());
        numbers.put("gradNorm", update.gradNorm());
        numbers.put("learningRate", update.learningRate());
        numbers.put("tokens", update.tokens());
        numbers.put("learnedTokens", update.learnedTokens());
        if (isMeasuredAfter(state.steps())) {
            numbers.put(HELD_BACK_LOSS, measure());
        }
        return numbers;
    }

    private boolean isMeasuredAfter(int step) {
        int every = settings.heldBackEverySteps() > 0 ? settings.heldBackEverySteps() : order.stepsPerEpoch();
        return !sets.heldBack().isEmpty() && (step % every == 0 || step == total);
    }

    private double measure() {
        double loss = trainer.loss(sets.heldBack());
        state = state.measured(loss);
        if (state.bestStep() == state.steps()) {
            improved.accept(state.steps());
        }
        return loss;
    }

    @Override
    public void close() {
        trainer.close();
    }
}
