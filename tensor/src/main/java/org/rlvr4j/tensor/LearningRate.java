package org.rlvr4j.tensor;

/**
 * Learning-rate schedule: a linear rise, then constant or a linear fall.
 *
 * @param peak        highest learning rate
 * @param warmupSteps number of steps of the rise
 * @param zeroStart   whether the first step's rate is 0, as in the warm-up of PyTorch's LambdaLR, or peak / warmupSteps
 * @param totalSteps  steps after which the rate has fallen to {@code floor * peak}; 0 if it stays constant
 * @param floor       share of the peak that remains at the end
 */
public record LearningRate(double peak, int warmupSteps, boolean zeroStart, int totalSteps, double floor) {

    public LearningRate {
        Require.that(peak > 0 && Double.isFinite(peak), "learningRate must be above 0, not " + peak);
        Require.that(warmupSteps >= 0, "warmupSteps must be 0 or more, not " + warmupSteps);
        Require.that(totalSteps >= 0, "a learning rate falls over 0 steps or more, not " + totalSteps);
        Require.that(floor >= 0 && floor <= 1, "a learning rate cannot end at floor " + floor + " of its peak");
    }

    /**
     * A linear rise, then a constant rate.
     *
     * @param peak        rate after the rise
     * @param warmupSteps number of steps of the rise, 0 for none
     * @param zeroStart   whether the rate of step 0 is 0
     */
    public static LearningRate constant(double peak, int warmupSteps, boolean zeroStart) {
        return new LearningRate(peak, warmupSteps, zeroStart, 0, 1);
    }

    /**
     * Learning rate of a step, counted from 0.
     *
     * @param step step, from 0
     */
    public double at(int step) {
        double rise = warmupSteps == 0 ? 1 : Math.min(1, (step + (zeroStart ? 0.0 : 1.0)) / warmupSteps);
        double remaining = totalSteps == 0 ? 1 : Math.max(0, 1 - (double) step / totalSteps);
        return peak * rise * (floor + (1 - floor) * remaining);
    }
}
