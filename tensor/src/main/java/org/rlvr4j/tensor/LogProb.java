package org.rlvr4j.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Log-probability of each row's target and entropy of its distribution, from hidden states and the output matrix.
 *
 * <p>With z = x W' / temperature: {@code logProb = z[target] - lse(z)}, {@code entropy = lse(z) - sum softmax(z) z}.
 *
 * @param x           (T, C) hidden states
 * @param w           (V, C) output matrix, in panels
 * @param lse         (T, 1) logarithm of the sum of exponentials, saved by the forward pass
 * @param targets     (T) target token of each row
 * @param temperature divisor of the logits
 * @param logits      logits saved by the forward pass, in a backend-specific order; null if they were not saved
 */
@SuppressWarnings("ArrayRecordComponent") // an operation is compared by identity
public record LogProb(
        Tensor x,
        Tensor w,
        Tensor lse,
        int[] targets,
        double temperature,
        @Nullable Buffer logits) implements Op {

    private static final long MAX_SAVED = 1L << 27; // logits: half a gigabyte

    /**
     * Column 0 of the result (T, 2) is the log-probability, column 1 the entropy.
     *
     * @param x           (T, C) hidden states
     * @param w           (V, C) output matrix, panels
     * @param targets     (T) token whose log-probability is asked for, of each row
     * @param temperature number that divides the logits, above 0
     */
    public static Tensor forward(Tensor x, Tensor w, int[] targets, double temperature) {
        if (targets.length != x.rows()) {
            throw new IllegalArgumentException(targets.length + " targets for hidden states " + x.shape());
        }
        Workspace workspace = x.workspace();
        var shape = new Shape(x.rows(), 2);
        Buffer out = workspace.allocate(shape.size());
        Tensor lse = Tensor.constant(workspace, new Shape(x.rows(), 1), workspace.allocate(x.rows()));
        long count = savedLogits(x.rows(), w.rows(), !NoGrad.isRecording() || workspace.isRecomputing());
        var op = new LogProb(x, w.inPanels(), lse, targets, temperature, count == 0 ? null : workspace.allocate(count));
        workspace.backend().logProb(op, out);
        return Tensor.of(op, shape, out);
    }

    /** Number of logits saved for the backward pass: all, or 0 if they are too many or will be computed again. */
    private static long savedLogits(int T, int V, boolean recompute) {
        long count = (long) T * V;
        return recompute || count > MAX_SAVED ? 0 : count;
    }

    /**
     * Largest number of logits that a forward pass of at most T rows saves for its backward pass.
     *
     * @param T         most rows of a pass
     * @param V         size of the vocabulary
     * @param recompute whether the workspace computes inner results again in the backward pass
     */
    public static long maxSavedLogits(int T, int V, boolean recompute) {
        return savedLogits(Math.toIntExact(Math.min(T, MAX_SAVED / V)), V, recompute);
    }

    /**
     * Most rows of a pass whose logits are saved for the backward pass, which then need not be computed again; no limit if
     * the workspace computes inner results again anyway.
     *
     * @param workspace workspace of the pass
     * @param V         size of the vocabulary
     */
    public static int mostSavedRows(Workspace workspace, int V) {
        return workspace.isRecomputing() ? Integer.MAX_VALUE : Math.toIntExact(MAX_SAVED / V);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x, w);
    }

    /**
     * Unless they were saved, the logits are computed again, block by block. With p = softmax(z), l = dlogProb and h =
     * dentropy: dz[i] = l * ([i = target] - p[i]) - h * p[i] * (z[i] - lse + entropy); then dx = dz W / temperature and
     * dW = dz' x / temperature.
     */
    @Override
    public void backward(Tensor out) {
        Buffer dx = x.needsGrad() ? x.grad() : null;
        Accumulator dw = w.needsGrad() ? w.gradient().next() : null;
        out.workspace().backend().logProbBackward(this, out.data(), out.grad(), dx, dw);
    }
}
