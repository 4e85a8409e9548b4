package org.rlvr4j.tensor;

import java.util.List;
import java.util.Map;

/** AdamW optimizer with clipping by global norm; holds the moments of all weights. */
public final class Optimizer implements AutoCloseable {

    private static final double NORM_EPSILON = 1e-6; // as torch.nn.utils.clip_grad_norm_

    private final Parameters parameters;
    private final AdamW adamW;
    private final double maxNorm;
    private final TensorArena meansArena;
    private final TensorArena squaresArena;
    private final List<Buffer> means; // a buffer for each part of the parameters
    private final List<Buffer> squares;
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
        this.meansArena = arena(parameters.workspace(), Role.MEANS);
        this.squaresArena = arena(parameters.workspace(), Role.SQUARES);
        this.means = zeros(meansArena);
        this.squares = zeros(squaresArena);
    }

    private static TensorArena arena(Workspace workspace, Role role) {
        return new TensorArena(workspace.type(), workspace.backend().memory(), role);
    }

    private List<Buffer> zeros(TensorArena arena) {
        return parameters.gradientParts().stream()
                .map(part -> arena.zeros(part.length()))
                .toList();
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
        List<Buffer> weights = parameters.weightParts();
        List<Buffer> gradients = parameters.gradientParts();
        AdamW.Scalars scalars = adamW.scalars(steps, learningRate, gradScale);
        for (int i = 0; i < weights.size(); i++) {
            backend.adamW(weights.get(i), gradients.get(i), means.get(i), squares.get(i), scalars);
        }
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
        return parameters.named(means);
    }

    /** Moving means of the squared gradients, by weight name. */
    public Map<String, Tensor> meanSquares() {
        return parameters.named(squares);
    }

    @Override
    public void close() {
        meansArena.close();
        squaresArena.close();
    }
}
