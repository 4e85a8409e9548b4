package org.rlvr4j.tensor;

import java.util.Map;

/** AdamW optimizer with clipping by global norm; holds the moments of all weights. */
public final class Optimizer implements AutoCloseable {

    private static final double NORM_EPSILON = 1e-6; // as torch.nn.utils.clip_grad_norm_

    private final Parameters parameters;
    private final AdamW adamW;
    private final double maxNorm;
    private final TensorArena arena;
    private final Buffer m;
    private final Buffer v;
    private long steps;

    /**
     * @param parameters weights to update, with their gradients
     * @param adamW      constants of the update
     * @param maxNorm    largest global norm of the gradients; larger ones are scaled down to it
     */
    public Optimizer(Parameters parameters, AdamW adamW, double maxNorm) {
        if (!(maxNorm > 0)) {
            throw new IllegalArgumentException("the largest gradient norm must be positive, not " + maxNorm);
        }
        this.parameters = parameters;
        this.adamW = adamW;
        this.maxNorm = maxNorm;
        this.arena = new TensorArena(
                parameters.workspace().type(), parameters.workspace().backend().memory());
        this.m = arena.zeros(parameters.gradients().length());
        this.v = arena.zeros(parameters.gradients().length());
    }

    /**
     * Updates the weights from their gradients, which stay unchanged.
     *
     * @param learningRate learning rate of this update
     * @return the gradients' global norm before clipping; if it is not finite, nothing has been changed
     */
    public double step(double learningRate) {
        double norm = parameters.gradNorm();
        if (!Double.isFinite(norm)) {
            return norm;
        }
        steps++;
        double gradScale = Math.min(1, maxNorm / (norm + NORM_EPSILON));
        Backend backend = parameters.workspace().backend();
        backend.adamW(
                parameters.weights(), parameters.gradients(), m, v, adamW.scalars(steps, learningRate, gradScale));
        return norm;
    }

    /** Number of updates so far. */
    public long steps() {
        return steps;
    }

    /**
     * Continues after {@code steps} earlier updates; the caller copies their moments into {@link #means()} and
     * {@link #meanSquares()}.
     *
     * @param steps number of earlier updates
     */
    public void resume(long steps) {
        this.steps = steps;
    }

    /** Moving means of the gradients, by weight name. */
    public Map<String, Tensor> means() {
        return parameters.named(m);
    }

    /** Moving means of the squared gradients, by weight name. */
    public Map<String, Tensor> meanSquares() {
        return parameters.named(v);
    }

    @Override
    public void close() {
        arena.close();
    }
}
