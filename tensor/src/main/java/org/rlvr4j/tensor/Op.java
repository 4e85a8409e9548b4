package org.rlvr4j.tensor;

import java.util.List;

/** One differentiable operation: the tensors it read, and how a gradient flows back into them. */
public sealed interface Op
        permits AdaptedLinear,
                Add,
                Attention,
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
     * The result's numbers once more, to the same bits, after {@link Tensor#forget()}.
     *
     * @throws IllegalStateException if this operation's results are never to be read again once they are forgotten
     */
    default Buffer compute() {
        throw new IllegalStateException("the result of " + getClass().getSimpleName() + " was forgotten");
    }

    /** Adds d(loss)/d(input) to the gradient of every input that needs one, given {@code out} and its gradient. */
    void backward(Tensor out);
}
