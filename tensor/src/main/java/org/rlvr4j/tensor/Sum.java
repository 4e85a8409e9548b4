package org.rlvr4j.tensor;

import java.util.List;

/** Sum of all elements of {@code x}, in order, in double precision. */
record Sum(Tensor x) implements Op {

    static Tensor forward(Tensor x) {
        double sum = 0;
        for (long i = 0; i < x.shape().size(); i++) {
            sum += x.get(i);
        }
        Buffer y = x.workspace().allocate(1);
        y.set(0, sum);
        return Tensor.of(new Sum(x), new Shape(1, 1), y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x);
    }

    /** dx = dy for every element. */
    @Override
    public void backward(Tensor out) {
        double dy = out.grad().get(0);
        for (long i = 0; i < x.shape().size(); i++) {
            x.grad().add(i, dy);
        }
    }
}
