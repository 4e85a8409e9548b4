package org.rlvr4j.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Reverse-mode differentiation over the operations that produced a tensor. */
public final class Autograd {

    private Autograd() {}

    /**
     * Adds d(loss)/d(x) to the gradient of every parameter x that the loss depends on; gradients of intermediate
     * results are not kept.
     *
     * @param loss (1, 1) loss
     */
    public static void backward(Tensor loss) {
        if (loss.shape().size() != 1) {
            throw new IllegalArgumentException("a loss is one number, not of shape " + loss.shape());
        }
        if (!loss.needsGrad()) {
            return; // it depends on no parameter
        }
        loss.grad().set(0, 1);
        propagate(loss);
    }

    /** Backward pass from a tensor y of any shape, given dy = d(loss)/d(y). */
    static void backward(Tensor y, Buffer dy) {
        y.gradient().next().buffer().copyFrom(dy);
        propagate(y);
    }

    private static void propagate(Tensor from) {
        inputsFirst(from).reversed().forEach(Tensor::passGradOn);
    }

    /** The tensors a loss depends on, each after all of its inputs; depth first, without recursion. */
    private static List<Tensor> inputsFirst(Tensor loss) {
        var order = new ArrayList<Tensor>();
        Set<Tensor> visited = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Tensor> emitted = Collections.newSetFromMap(new IdentityHashMap<>());
        var stack = new ArrayDeque<Tensor>();
        stack.push(loss);
        while (!stack.isEmpty()) {
            Tensor tensor = stack.peek();
            if (visited.add(tensor)) {
                tensor.op().ifPresent(op -> op.inputs().stream()
                        .filter(input -> input.needsGrad() && !visited.contains(input))
                        .forEach(stack::push));
            } else {
                stack.pop();
                if (emitted.add(tensor)) {
                    order.add(tensor);
                }
            }
        }
        return order;
    }
}
