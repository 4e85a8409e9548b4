package org.rlvr4j.model;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.AdaptedLinear;
import org.rlvr4j.tensor.Linear;
import org.rlvr4j.tensor.Tensor;

/**
 * Linear layer of the transformer, with an optional adapter beside it.
 *
 * @param weight  (out, in) weight, panels
 * @param bias    (out), or null for none
 * @param adapter adapter beside the weight, or null for none
 */
public record Projection(
        Tensor weight, @Nullable Tensor bias, @Nullable Adapter adapter) {

    /**
     * Adapter of one matrix: A (r, in), B (out, r) and scale of {@link Lora}.
     *
     * @param a     (r, in) first matrix
     * @param b     (out, r) second matrix
     * @param scale factor of their product
     */
    public record Adapter(Tensor a, Tensor b, double scale) {}

    Tensor apply(Tensor x) {
        return adapter == null
                ? Linear.forward(x, weight, bias)
                : AdaptedLinear.forward(x, weight, bias, adapter.a, adapter.b, adapter.scale);
    }
}
