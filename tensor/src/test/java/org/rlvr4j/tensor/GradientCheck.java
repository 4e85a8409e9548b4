package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Compares the gradients of autograd with central differences, in double precision. */
public final class GradientCheck {

    private static final double STEP = 1e-5;

    private GradientCheck() {}

    /** A parameter of random numbers from -1 to 1. */
    public static Tensor random(Workspace workspace, Shape shape, boolean panels, long seed) {
        long size = panels ? Panels.size(shape) : shape.size();
        Buffer data = workspace.allocate(size);
        Buffer grad = workspace.allocate(size);
        data.zero();
        grad.zero();
        Tensor tensor = Tensor.parameter(workspace, shape, panels ? Layout.PANELS : Layout.ROWS, data, grad);
        var random = new SplittableRandom(seed);
        for (int r = 0; r < shape.rows(); r++) {
            for (int c = 0; c < shape.cols(); c++) {
                tensor.data().set(tensor.index(r, c), random.nextDouble(-1, 1));
            }
        }
        return tensor;
    }

    /** A number that depends on every element of a tensor, each with a weight of its own. */
    public static Tensor weighted(Tensor y) {
        double[] weights =
                new SplittableRandom(99).doubles(y.shape().size(), -1, 1).toArray();
        return y.times(y.workspace().constant(y.shape(), weights)).sum();
    }

    /** Checks d(loss)/d(input) for every element of every input; the loss is computed anew for each. */
    public static void check(List<Tensor> inputs, Supplier<Tensor> loss) {
        inputs.forEach(input -> input.grad().zero());
        Autograd.backward(loss.get());
        for (int n = 0; n < inputs.size(); n++) {
            Buffer data = inputs.get(n).data();
            for (long i = 0; i < data.length(); i++) {
                double value = data.get(i);
                if (value == 0) {
                    continue; // the filling of a panel, or a drawn zero, which never happens
                }
                data.set(i, value + STEP);
                double above = loss.get().get(0);
                data.set(i, value - STEP);
                double below = loss.get().get(0);
                data.set(i, value);
                double expected = (above - below) / (2 * STEP);
                assertThat(inputs.get(n).grad().get(i))
                        .as("input %d, element %d", n, i)
                        .isCloseTo(expected, within(1e-8 + 1e-6 * Math.abs(expected)));
            }
        }
    }
}
