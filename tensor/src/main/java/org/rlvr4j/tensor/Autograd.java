package org.rlvr4j.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Reverse-mode differentiation over the operations that made a tensor. */
public final class Autograd {

    private Autograd() {}

    /**
     * Adds d(loss)/d(x) to the gradient of every parameter x the loss depends on; of what lies between, none is kept.
     *
     * @param loss one number
     */
    public static void backward(Tensor loss) {
        if (loss.shape().size() != 1) {
            throw new IllegalArgumentException("a loss is one number, not of shape " + loss.shape());
        }
        if (!loss.needsGrad()) {
            return; // nothing to be learned was in it
        }
        loss.grad().set(0, 1);
        flow(loss);
    }

    /** The same from a tensor of any shape, given d(loss)/d(tensor). */
    static void backward(Tensor y, Buffer dy) {
        y.gradient().next().buffer().copyFrom(dy);
        flow(y);
    }

    private static void flow(Tensor from) {
        inputsFirst(from).reversed().forEach(Tensor::passGradOn);
    }

    /** The tensors a loss depends on, each after all of its inputs; depth first, without recursion. */
    private static List<Tensor> inputsFirst(Tensor loss) {
        var order = new ArrayList<Tensor>();
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Tensor> done = Collections.newSetFromMap(new IdentityHashMap<>());
        var stack = new ArrayDeque<Tensor>();
        stack.push(loss);
        while (!stack.isEmpty()) {
            Tensor tensor = stack.peek();
            if (seen.add(tensor)) {
                tensor.op().ifPresent(op -> op.inputs().stream()
                        .filter(input -> input.needsGrad() && !seen.contains(input))
                        .forEach(stack::push));
            } else {
                stack.pop();
                if (done.add(tensor)) {
                    order.add(tensor);
                }
            }
        }
        return order;
    }
}
