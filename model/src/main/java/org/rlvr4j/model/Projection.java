package org.rlvr4j.model;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.AdaptedLinear;
import org.rlvr4j.tensor.Linear;
import org.rlvr4j.tensor.Tensor;

/** A linear layer of the transformer, and the adapter beside it if it has one. */
public record Projection(
        Tensor weight, @Nullable Tensor bias, @Nullable Adapter adapter) {

    /** A (r, in) and B (out, r) of {@link Lora}. */
    public record Adapter(Tensor a, Tensor b, double scale) {}

    Tensor apply(Tensor x) {
        return adapter == null
                ? Linear.forward(x, weight, bias)
                : AdaptedLinear.forward(x, weight, bias, adapter.a, adapter.b, adapter.scale);
    }
}
