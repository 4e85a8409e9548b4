package org.rlvr4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A part of a model of which only input and output are kept: gradient checkpointing.
 *
 * <p>What the part computes on the way is forgotten at once, and computed again, to the same bits, when its gradient is
 * taken. So the activations of a model are those of one part, and the inputs of the others.
 *
 * @param x       what a gradient may flow into, beside what is learned
 * @param learned the part's parameters that need a gradient; where there are any, x may be a constant
 * @param part    the computation from x
 * @see <a href="https://arxiv.org/abs/1604.06174">Chen et al., 2016</a>
 */
public record Recompute(Tensor x, List<Tensor> learned, UnaryOperator<Tensor> part) implements Op {

    /**
     * The part's result; its activations are only kept if they are needed, and the workspace is to keep them.
     *
     * @param shape of the result
     */
    public static Tensor forward(Tensor x, List<Tensor> learned, Shape shape, UnaryOperator<Tensor> part) {
        Workspace workspace = x.workspace();
        if (NoGrad.isRecording() && !workspace.isRecomputing()) {
            return part.apply(x);
        }
        Buffer y = workspace.allocate(shape.size());
        TensorArena.Mark mark = workspace.mark();
        y.copyFrom(NoGrad.call(() -> part.apply(x)).data());
        workspace.release(mark);
        return Tensor.of(new Recompute(x, learned, part), shape, y);
    }

    @Override
    public List<Tensor> inputs() {
        var inputs = new ArrayList<>(List.of(x));
        inputs.addAll(learned);
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
