package org.rlvr4j.run.config;

import org.rlvr4j.tensor.Require;

/**
 * Warm-up by supervised learning before reinforcement: from the teacher of generated problems, or from {@link Demonstrations}
 * in a file.
 */
public sealed interface WarmUpSetting permits WarmUpSetting.Taught, Demonstrations {

    /** Whether each seed of the training has a warm-up of its own, from which the methods start that it trains. */
    default boolean eachSeed() {
        return false;
    }

    /**
     * Warm-up from the teacher of generated problems; the learning rate falls linearly to a tenth of its peak.
     *
     * @param steps        number of steps
     * @param batchSize    number of the teacher's answers in a step
     * @param learningRate peak learning rate
     * @param warmupSteps  number of steps in which the learning rate rises to its peak
     * @param weightDecay  weight decay of the optimizer
     * @param maxGradNorm  largest global L2 norm of a gradient; a larger gradient is scaled down to it
     * @param seed         seed of the choice of problems and of the teacher's answers
     * @param eachSeed     whether each seed of the training has a warm-up of its own, with the sum of both seeds; if not,
     *                     all runs start from the same weights
     */
    record Taught(
            int steps,
            int batchSize,
            double learningRate,
            int warmupSteps,
            double weightDecay,
            double maxGradNorm,
            long seed,
            boolean eachSeed)
            implements WarmUpSetting {

        /** @throws IllegalArgumentException if {@code steps} or {@code batchSize} is not positive */
        public Taught {
            Require.that(steps > 0, "steps must be positive, not " + steps);
            Require.that(batchSize > 0, "batchSize must be positive, not " + batchSize);
            Require.that(maxGradNorm > 0, "maxGradNorm must be above 0, not " + maxGradNorm);
        }
    }
}
