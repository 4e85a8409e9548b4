package org.rlvr4j.tensor;

import java.util.List;

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
 */
@SuppressWarnings("ArrayRecordComponent") // an operation is compared by identity
public record LogProb(Tensor x, Tensor w, Tensor lse, int[] targets, double temperature) implements Op {

    /** Column 0 of the result (T, 2) is the log-probability, column 1 the entropy. */
    public static Tensor forward(Tensor x, Tensor w, int[] targets, double temperature) {
        if (targets.length != x.rows()) {
            throw new IllegalArgumentException(targets.length + " targets for hidden states " + x.shape());
        }
        Workspace workspace = x.workspace();
        var shape = new Shape(x.rows(), 2);
        Buffer out = workspace.allocate(shape.size());
        Buffer lse = workspace.allocate(x.rows());
        workspace.backend().logProb(x.data(), w.data(), targets, temperature, out, lse, w.cols(), w.rows());
        Tensor kept = Tensor.constant(workspace, new Shape(x.rows(), 1), lse);
        return Tensor.of(new LogProb(x, w, kept, targets, temperature), shape, out);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x, w);
    }

    /**
     * The logits are computed again, block by block. With p = softmax(z), l = dlogProb and h = dentropy:
     * dz[i] = l * ([i = target] - p[i]) - h * p[i] * (z[i] - lse + entropy); then dx = dz W / temperature and
     * dW = dz' x / temperature.
     */
    @Override
    public void backward(Tensor out) {
        Buffer dx = x.needsGrad() ? x.grad() : null;
        Buffer dw = w.needsGrad() ? w.grad() : null;
        out.workspace().backend().logProbBackward(this, out.data(), out.grad(), dx, dw);
    }
}
