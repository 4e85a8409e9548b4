package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Require;

/**
 * Supervised learning from the examples of a file; the learning rate falls linearly to a tenth of its peak.
 *
 * @param demonstrations     file of examples; see {@link org.rlvr4j.data.Examples}
 * @param heldBack           file of examples that are not learned, whose loss is measured; null for none
 * @param heldBackShare      share of the examples that is held back instead, chosen by the seed; 0 for none
 * @param heldBackEverySteps number of steps between measurements of their loss; 0 for the end of each epoch. It is also
 *                           measured before the first step and after the last
 * @param epochs             number of times that each example is learned, if {@code steps} is 0
 * @param steps              number of steps; 0 for as many as {@code epochs} take
 * @param batchSize          number of examples in a step
 * @param learningRate       peak learning rate
 * @param warmupSteps        number of steps in which the learning rate rises to its peak
 * @param weightDecay        weight decay of the optimizer
 * @param maxGradNorm        largest global L2 norm of a gradient; a larger gradient is scaled down to it
 * @param maxTokens          most tokens of an example, prompt included; longer ones are left out
 * @param microBatchTokens   most tokens of one forward and backward pass; memory, not results
 * @param seed               seed of the order and of what is held back
 */
public record Demonstrations(
        Path demonstrations,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Path heldBack,

        double heldBackShare,
        int heldBackEverySteps,
        int epochs,
        int steps,
        int batchSize,
        double learningRate,
        int warmupSteps,
        double weightDecay,
        double maxGradNorm,
        int maxTokens,
        @MayDiffer int microBatchTokens,
        long seed)
        implements WarmUpSetting {

    private static final double FLOOR = 0.1; // share of the peak learning rate that remains at the end

    /** @throws IllegalArgumentException if a number is out of its range */
    public Demonstrations {
        Require.that(
                heldBackShare >= 0 && heldBackShare < 1,
                "heldBackShare must be 0 or more and below 1, not " + heldBackShare);
        Require.that(
                heldBack == null || heldBackShare == 0,
                "heldBack and heldBackShare cannot both be given; leave one of them out");
        Require.that(heldBackEverySteps >= 0, "heldBackEverySteps must be 0 or more, not " + heldBackEverySteps);
        Require.that(steps >= 0, "steps must be 0 (by epochs) or more, not " + steps);
        Require.that(steps > 0 || epochs > 0, "epochs must be positive, not " + epochs);
        Require.that(batchSize > 0, "batchSize must be positive, not " + batchSize);
        Require.that(maxGradNorm > 0, "maxGradNorm must be above 0, not " + maxGradNorm);
        Require.that(maxTokens > 1, "maxTokens must be 2 or more, not " + maxTokens);
        Require.that(microBatchTokens > 0, "microBatchTokens must be positive, not " + microBatchTokens);
        LearningRate _ = rate(learningRate, warmupSteps, 1);
        AdamW _ = AdamW.withDecay(weightDecay);
    }

    /**
     * Number of steps for a number of examples.
     *
     * @param stepsPerEpoch number of batches in which each example is learned once
     */
    public int totalSteps(int stepsPerEpoch) {
        return steps > 0 ? steps : Math.multiplyExact(epochs, stepsPerEpoch);
    }

    /**
     * Learning rates of all steps.
     *
     * @param totalSteps number of steps
     */
    public LearningRate rates(int totalSteps) {
        return rate(learningRate, warmupSteps, totalSteps);
    }

    private static LearningRate rate(double learningRate, int warmupSteps, int totalSteps) {
        return new LearningRate(learningRate, warmupSteps, false, totalSteps, FLOOR);
    }
}
