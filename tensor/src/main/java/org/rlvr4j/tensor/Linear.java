package org.rlvr4j.tensor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Linear layer: {@code y = x W' + b}.
 *
 * @param x    (T, K) inputs
 * @param w    (N, K) weight, in panels
 * @param bias (N, 1) bias, or null
 */
public record Linear(Tensor x, Tensor w, @Nullable Tensor bias) implements Op {

    /**
     * The product (T, N) of x and w', with the bias added.
     *
     * @param x    (T, K)
     * @param w    (N, K)
     * @param bias (N), or null for none
     */
    public static Tensor forward(Tensor x, Tensor w, @Nullable Tensor bias) {
        if (x.cols() != w.cols()) {
            throw new IllegalArgumentException("inputs " + x.shape() + " do not fit weight " + w.shape());
        }
        Workspace workspace = x.workspace();
        var shape = new Shape(x.rows(), w.rows());
        Buffer y = workspace.allocate(shape.size());
        Buffer b = bias == null ? null : bias.data();
        workspace.backend().linear(x.data(), w.inPanels().data(), b, y, x.rows(), x.cols(), w.rows());
        return Tensor.of(new Linear(x, w, bias), shape, y);
    }

    @Override
    public List<Tensor> inputs() {
        var inputs = new ArrayList<>(List.of(x, w));
        if (bias != null) {
            inputs.add(bias);
        }
        return inputs;
    }

    /** dx = dy W, dW = dy' x, db = sum of dy over rows. */
    @Override
    public void backward(Tensor out) {
        Backend backend = out.workspace().backend();
        if (x.needsGrad()) {
            backend.linearBackwardInput(out.grad(), w.data(), x.gradient().next(), x.rows(), x.cols(), w.rows());
        }
        if (w.needsGrad()) {
            backend.linearBackwardWeight(out.grad(), x.data(), w.gradient().next(), x.rows(), x.cols(), w.rows());
        }
        if (bias != null && bias.needsGrad()) {
            backend.linearBackwardBias(out.grad(), bias.grad(), x.rows(), w.rows());
        }
    }
}
