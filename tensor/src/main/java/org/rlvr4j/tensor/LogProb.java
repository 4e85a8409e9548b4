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
 * @param lse         (T, 1) logarithm of the sum of exponentials, kept from the forward pass
 * @param targets     the tokens whose log-probability is wanted
 * @param temperature divides the logits
 * @param logits      those of the forward pass, if they were kept, in an order of the backend's own
 */
@SuppressWarnings("ArrayRecordComponent") // an operation is compared by identity
public record LogProb(
        Tensor x,
        Tensor w,
        Tensor lse,
        int[] targets,
        double temperature,
        @Nullable Buffer logits) implements Op {

    private static final long MOST_KEPT = 1L << 27; // logits: half a gigabyte

    /** Column 0 of the result (T, 2) is the log-probability, column 1 the entropy. */
    public static Tensor forward(Tensor x, Tensor w, int[] targets, double temperature) {
        if (targets.length != x.rows()) {
            throw new IllegalArgumentException(targets.length + " targets for hidden states " + x.shape());
        }
        Workspace workspace = x.workspace();
        var shape = new Shape(x.rows(), 2);
        Buffer out = workspace.allocate(shape.size());
        Buffer lse = workspace.allocate(x.rows());
        long count = kept(x.rows(), w.rows(), !NoGrad.isRecording() || workspace.isRecomputing());
        Buffer logits = count == 0 ? null : workspace.allocate(count);
        workspace.backend().logProb(x.data(), w.data(), targets, temperature, out, lse, logits, w.cols(), w.rows());
        Tensor sums = Tensor.constant(workspace, new Shape(x.rows(), 1), lse);
        return Tensor.of(new LogProb(x, w, sums, targets, temperature, logits), shape, out);
    }

    /** How many logits are kept for the backward pass: all, unless they are too many or are to be computed again. */
    private static long kept(int T, int V, boolean recompute) {
        long count = (long) T * V;
        return recompute || count > MOST_KEPT ? 0 : count;
    }

    /** The same at most, of so many rows or of fewer. */
    public static long mostKept(int T, int V, boolean recompute) {
        return kept(Math.toIntExact(Math.min(T, MOST_KEPT / V)), V, recompute);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x, w);
    }

    /**
     * Unless they were kept, the logits are computed again, block by block. With p = softmax(z), l = dlogProb and
     * h = dentropy: dz[i] = l * ([i = target] - p[i]) - h * p[i] * (z[i] - lse + entropy); then dx = dz W / temperature and
     * dW = dz' x / temperature.
     */
    @Override
    public void backward(Tensor out) {
        Buffer dx = x.needsGrad() ? x.grad() : null;
        Accumulator dw = w.needsGrad() ? w.gradient().next() : null;
        out.workspace().backend().logProbBackward(this, out.data(), out.grad(), dx, dw);
    }
}
