package org.rlvr4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Gradient checkpointing: a part of a model of which only input and output are kept.
 *
 * <p>The part's intermediate results are released at once and computed again, with the same bits, in the backward pass.
 * So the activations in memory are those of one part, and the inputs of the others.
 *
 * @param x          input of the part; a gradient may flow into it
 * @param parameters parameters of the part that need a gradient; if there are any, x may be a constant
 * @param part       computation from x
 * @see <a href="https://arxiv.org/abs/1604.06174">Chen et al., 2016</a>
 */
public record Recompute(Tensor x, List<Tensor> parameters, UnaryOperator<Tensor> part) implements Op {

    /**
     * Computes the part; its activations are kept only if they are needed and the workspace does not recompute.
     *
     * @param x          input of the part
     * @param parameters parameters that the part uses
     * @param shape      shape of the result
     * @param part       the computation, from its input
     */
    public static Tensor forward(Tensor x, List<Tensor> parameters, Shape shape, UnaryOperator<Tensor> part) {
        Workspace workspace = x.workspace();
        if (NoGrad.isRecording() && !workspace.isRecomputing()) {
            return part.apply(x);
        }
        Buffer y = workspace.allocate(shape.size());
        TensorArena.Mark mark = workspace.mark();
        y.copyFrom(NoGrad.call(() -> part.apply(x)).data());
        workspace.release(mark);
        return Tensor.of(new Recompute(x, parameters, part), shape, y);
    }

    @Override
    public List<Tensor> inputs() {
        var inputs = new ArrayList<>(List.of(x));
        inputs.addAll(parameters);
        return inputs;
    }

    /** Runs the part again, this time recorded, and lets dy flow through it into dx. */
    @Override
    public void backward(Tensor out) {
        Workspace workspace = out.workspace();
        Tensor input = x.needsGrad() ? Tensor.parameter(workspace, x.shape(), x.layout(), x.data(), x.grad()) : x;
        TensorArena.Mark mark = workspace.mark();
        Autograd.backward(part.apply(input), out.grad());
        workspace.release(mark);
    }
}
