package org.rlvr4j.tensor;

import java.util.List;

/**
 * Identity {@code y = x}, through which a gradient from other passes flows into some rows of x.
 *
 * @param x        (T, C)
 * @param start    first of the rows
 * @param gradient (n, C) gradient of the rows, read in the backward pass
 */
public record AddedGradient(Tensor x, int start, Buffer gradient) implements Op {

    /**
     * The numbers of x.
     *
     * @param x        (T, C)
     * @param start    first of the rows that the gradient flows into
     * @param gradient (n, C) gradient, which must be complete when the backward pass reaches x
     */
    public static Tensor forward(Tensor x, int start, Buffer gradient) {
        return Tensor.of(new AddedGradient(x, start, gradient), x.shape(), x.data());
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x);
    }

    /** dx[start + i] = dy[start + i] + gradient[i], and dx = dy elsewhere. */
    @Override
    public void backward(Tensor out) {
        Buffer dx = out.gradient().take();
        Buffer rows = dx.slice((long) start * x.cols(), gradient.length());
        out.workspace().backend().addTo(gradient, rows);
        x.gradient().add(dx);
    }
}
