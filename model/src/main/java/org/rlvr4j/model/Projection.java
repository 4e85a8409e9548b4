package org.rlvr4j.model;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.AdaptedLinear;
import org.rlvr4j.tensor.Linear;
import org.rlvr4j.tensor.Tensor;

/** Linear layer of the transformer, with an optional adapter beside it. */
public record Projection(
        Tensor weight, @Nullable Tensor bias, @Nullable Adapter adapter) {

    /** Adapter of one matrix: A (r, in), B (out, r) and scale of {@link Lora}. */
    public record Adapter(Tensor a, Tensor b, double scale) {}

    Tensor apply(Tensor x) {
        return adapter == null
                ? Linear.forward(x, weight, bias)
                : AdaptedLinear.forward(x, weight, bias, adapter.a, adapter.b, adapter.scale);
    }
}
