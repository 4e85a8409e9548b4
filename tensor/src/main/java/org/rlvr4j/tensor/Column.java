package org.rlvr4j.tensor;

import java.util.List;

/** Column {@code index} of {@code x} (T, C), as (T, 1). */
record Column(Tensor x, int index) implements Op {

    static Tensor forward(Tensor x, int index) {
        Buffer y = x.workspace().allocate(x.rows());
        for (int t = 0; t < x.rows(); t++) {
            y.set(t, x.get((long) t * x.cols() + index));
        }
        return Tensor.of(new Column(x, index), new Shape(x.rows(), 1), y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x);
    }

    /** dx[t, index] = dy[t]. */
    @Override
    public void backward(Tensor out) {
        for (int t = 0; t < x.rows(); t++) {
            x.grad().add((long) t * x.cols() + index, out.grad().get(t));
        }
    }
}
