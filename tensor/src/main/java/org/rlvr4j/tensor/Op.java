package org.rlvr4j.tensor;

import java.util.List;

/** Differentiable operation: the tensors it reads, and its backward pass. */
public sealed interface Op
        permits AdaptedLinear,
                Add,
                Attention,
                Attention.AddedGradient,
                Column,
                Elementwise,
                Embedding,
                Linear,
                LogProb,
                Recompute,
                RmsNorm,
                Rope,
                Rows,
                SegmentMean,
                Sum,
                SwiGlu {

    List<Tensor> inputs();

    /**
     * Computes the result again after {@link Tensor#forget()}, with the same bits.
     *
     * @throws IllegalStateException if results of this operation must not be read again once they are forgotten
     */
    default Buffer compute() {
        throw new IllegalStateException("the result of " + getClass().getSimpleName() + " was forgotten");
    }

    /**
     * Adds d(loss)/d(input) to the gradient of every input that needs one, given {@code out} and its gradient.
     *
     * @param out result of this operation, with its gradient
     */
    void backward(Tensor out);
}
