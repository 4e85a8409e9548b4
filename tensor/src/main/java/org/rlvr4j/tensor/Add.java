package org.rlvr4j.tensor;

import java.util.List;

/**
 * Residual connection: {@code y = a + b}.
 *
 * @param a (T, C)
 * @param b of the same shape
 */
public record Add(Tensor a, Tensor b) implements Op {

    /**
     * The sum (T, C).
     *
     * @param a (T, C)
     * @param b of the same shape
     */
    public static Tensor forward(Tensor a, Tensor b) {
        Buffer y = a.workspace().allocate(a.shape().size());
        a.workspace().backend().add(a.data(), b.data(), y);
        return Tensor.of(new Add(a, b), a.shape(), y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(a, b);
    }

    /** da = dy and db = dy. */
    @Override
    public void backward(Tensor out) {
        Buffer copy = out.workspace().allocate(out.shape().size());
        out.workspace().backend().copy(out.grad(), copy);
        a.gradient().add(copy);
        b.gradient().add(out.gradient().take());
    }
}
