package org.rlvr4j.tensor;

/**
 * A learning rate that rises linearly, then stays, or falls linearly.
 *
 * @param peak        the highest rate
 * @param warmupSteps steps of the rise
 * @param zeroStart   whether the first step's rate is 0, as PyTorch's LambdaLR warm-up has it, or one share of the rise
 * @param totalSteps  steps after which the rate has fallen to {@code floor * peak}; 0 if it stays
 * @param floor       share of the peak that is left in the end
 */
public record LearningRate(double peak, int warmupSteps, boolean zeroStart, int totalSteps, double floor) {

    public LearningRate {
        if (!(peak > 0) || warmupSteps < 0 || totalSteps < 0 || !(floor >= 0 && floor <= 1)) {
            throw new IllegalArgumentException("no such learning rate: peak " + peak + ", " + warmupSteps
                    + " warm-up steps of " + totalSteps + ", floor " + floor);
        }
    }

    /** A linear rise, then constant. */
    public static LearningRate constant(double peak, int warmupSteps, boolean zeroStart) {
        return new LearningRate(peak, warmupSteps, zeroStart, 0, 1);
    }

    /** The rate of a step, counted from 0. */
    public double at(int step) {
        double rise = warmupSteps == 0 ? 1 : Math.min(1, (step + (zeroStart ? 0.0 : 1.0)) / warmupSteps);
        double left = totalSteps == 0 ? 1 : Math.max(0, 1 - (double) step / totalSteps);
        return peak * rise * (floor + (1 - floor) * left);
    }
}
