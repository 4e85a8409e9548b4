package org.rlvr4j.tensor;

/**
 * Settings of AdamW, Adam with decoupled weight decay, for all weights of a model at once.
 *
 * @param beta1       decay of the gradients' mean
 * @param beta2       decay of the gradients' mean square
 * @param epsilon     constant added to the root of the mean square
 * @param weightDecay share of a weight, times the learning rate, that each step subtracts
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, 2019</a>
 */
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay) {

    public AdamW {
        Require.that(beta1 >= 0 && beta1 < 1, "beta1 must be at least 0 and below 1, not " + beta1);
        Require.that(beta2 >= 0 && beta2 < 1, "beta2 must be at least 0 and below 1, not " + beta2);
        Require.that(epsilon > 0, "epsilon must be above 0, not " + epsilon);
        Require.that(weightDecay >= 0, "weightDecay must be 0 or more, not " + weightDecay);
    }

    /**
     * Common settings: betas 0.9 and 0.999, epsilon 1e-8.
     *
     * @param weightDecay decay of the weights at each update, times the learning rate, or 0 for none
     */
    public static AdamW withDecay(double weightDecay) {
        return new AdamW(0.9, 0.999, 1e-8, weightDecay);
    }

    /**
     * Scalars of one step: with g = gradient * gradScale, {@code m = beta1 m + (1 - beta1) g},
     * {@code v = beta2 v + (1 - beta2) g^2}, {@code w = w * keep - stepSize * m / (sqrt(v) * rootScale + epsilon)}.
     *
     * <p>They are computed in double precision: 1 - 0.999f is already off by 1.3e-5.
     *
     * @param beta1     decay of the mean of the gradients
     * @param beta2     decay of the mean square of the gradients
     * @param epsilon   number added to the root of the mean square
     * @param gradScale factor of clipping by global norm, at most 1
     * @param keep      1 - learning rate * weight decay
     * @param stepSize  learning rate / (1 - beta1^step)
     * @param rootScale 1 / sqrt(1 - beta2^step)
     */
    public record Scalars(
            double beta1,
            double beta2,
            double epsilon,
            double gradScale,
            double keep,
            double stepSize,
            double rootScale) {}

    Scalars scalars(long step, double learningRate, double gradScale) {
        return new Scalars(
                beta1,
                beta2,
                epsilon,
                gradScale,
                1 - learningRate * weightDecay,
                learningRate / (1 - StrictMath.pow(beta1, (double) step)),
                1 / Math.sqrt(1 - StrictMath.pow(beta2, (double) step)));
    }
}
