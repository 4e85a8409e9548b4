package org.rlvr4j.tensor;

import java.util.List;

/**
 * Root-mean-square normalisation: {@code y = x / rms(x) * w}, over each group of C features of a row.
 *
 * @param x       (T, n * C) activations; n is 1 for a layer's norm and the number of heads for a norm of each head
 * @param w       (C, 1) learned scale
 * @param rstd    (T * n, 1) reciprocal root mean square of each group, saved by the forward pass
 * @param epsilon constant added to the mean square
 * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich, 2019</a>
 */
public record RmsNorm(Tensor x, Tensor w, Tensor rstd, double epsilon) implements Op {

    /**
     * Normalized x, of its shape.
     *
     * @param x       (T, n * C)
     * @param w       (C) scale
     * @param epsilon number added to the mean square
     */
    public static Tensor forward(Tensor x, Tensor w, double epsilon) {
        int C = w.rows();
        if (x.cols() % C != 0) {
            throw new IllegalArgumentException("cannot normalise rows of " + x.cols() + " by groups of " + C);
        }
        int rows = Math.toIntExact(x.shape().size() / C);
        Workspace workspace = x.workspace();
        Tensor rstd = Tensor.constant(workspace, new Shape(rows, 1), workspace.allocate(rows));
        var op = new RmsNorm(x, w, rstd, epsilon);
        return Tensor.of(op, x.shape(), op.compute());
    }

    @Override
    public Buffer compute() {
        Workspace workspace = x.workspace();
        Buffer y = workspace.allocate(x.shape().size());
        workspace.backend().rmsNorm(this, y);
        return y;
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x, w);
    }

    /** With n = x * rstd and g = dy * w: dw = sum over rows of dy * n, and dx = rstd * (g - n * mean(g * n)). */
    @Override
    public void backward(Tensor out) {
        Backend backend = out.workspace().backend();
        backend.rmsNormBackward(
                this, out.grad(), x.gradient().sumOrScratch(), w.gradient().sumOrScratch());
    }
}
