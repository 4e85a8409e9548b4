package org.rlvr4j.tensor;

import java.util.List;

/**
 * Elementwise operation: reads one element of each input and writes one element. The losses consist of these.
 *
 * <p>They work on columns of a few thousand numbers, so one plain loop in double precision serves every CPU backend.
 */
sealed interface Elementwise extends Op {

    record Plus(Tensor a, Tensor b) implements Elementwise {}

    record Times(Tensor a, Tensor b) implements Elementwise {}

    /** {@code a * factor + offset} */
    record Affine(Tensor a, double factor, double offset) implements Elementwise {}

    record Exp(Tensor a) implements Elementwise {}

    record Abs(Tensor a) implements Elementwise {}

    /** {@code 1 / (1 + exp(-a))} */
    record Sigmoid(Tensor a) implements Elementwise {}

    record Min(Tensor a, Tensor b) implements Elementwise {}

    record Max(Tensor a, Tensor b) implements Elementwise {}

    /** The bounds are constants: no gradient flows into them. */
    record Clamp(Tensor a, Tensor low, Tensor high) implements Elementwise {}

    static Tensor forward(Elementwise op) {
        Tensor like = op.inputs().getFirst();
        for (Tensor input : op.inputs()) {
            if (!input.shape().equals(like.shape())) {
                throw new IllegalArgumentException("shapes differ: " + like.shape() + " and " + input.shape());
            }
        }
        Buffer y = like.workspace().allocate(like.shape().size());
        for (long i = 0; i < y.length(); i++) {
            y.set(
                    i,
                    switch (op) {
                        case Plus(Tensor a, Tensor b) -> a.get(i) + b.get(i);
                        case Times(Tensor a, Tensor b) -> a.get(i) * b.get(i);
                        case Affine(Tensor a, double factor, double offset) -> a.get(i) * factor + offset;
                        case Exp(Tensor a) -> StrictMath.exp(a.get(i));
                        case Abs(Tensor a) -> Math.abs(a.get(i));
                        case Sigmoid(Tensor a) -> 1 / (1 + StrictMath.exp(-a.get(i)));
                        case Min(Tensor a, Tensor b) -> Math.min(a.get(i), b.get(i));
                        case Max(Tensor a, Tensor b) -> Math.max(a.get(i), b.get(i));
                        case Clamp(Tensor a, Tensor low, Tensor high) ->
                            Math.max(low.get(i), Math.min(a.get(i), high.get(i)));
                    });
        }
        return Tensor.of(op, like.shape(), y);
    }

    @Override
    default List<Tensor> inputs() {
        return switch (this) {
            case Plus(Tensor a, Tensor b) -> List.of(a, b);
            case Times(Tensor a, Tensor b) -> List.of(a, b);
            case Affine(Tensor a, double _, double _) -> List.of(a);
            case Exp(Tensor a) -> List.of(a);
            case Abs(Tensor a) -> List.of(a);
            case Sigmoid(Tensor a) -> List.of(a);
            case Min(Tensor a, Tensor b) -> List.of(a, b);
            case Max(Tensor a, Tensor b) -> List.of(a, b);
            case Clamp(Tensor a, Tensor low, Tensor high) -> List.of(a, low.detach(), high.detach());
        };
    }

    @Override
    default void backward(Tensor out) {
        Buffer dy = out.grad();
        for (long i = 0; i < dy.length(); i++) {
            double g = dy.get(i);
            switch (this) {
                case Plus(Tensor a, Tensor b) -> {
                    add(a, i, g);
                    add(b, i, g);
                }
                case Times(Tensor a, Tensor b) -> {
                    add(a, i, g * b.get(i));
                    add(b, i, g * a.get(i));
                }
                case Affine(Tensor a, double factor, double _) -> add(a, i, g * factor);
                case Exp(Tensor a) -> add(a, i, g * out.get(i));
                case Abs(Tensor a) -> add(a, i, g * Math.signum(a.get(i)));
                case Sigmoid(Tensor a) -> add(a, i, g * out.get(i) * (1 - out.get(i)));
                case Min(Tensor a, Tensor b) -> add(a.get(i) <= b.get(i) ? a : b, i, g);
                case Max(Tensor a, Tensor b) -> add(a.get(i) >= b.get(i) ? a : b, i, g);
                case Clamp(Tensor a, Tensor low, Tensor high) -> {
                    if (low.get(i) <= a.get(i) && a.get(i) <= high.get(i)) {
                        add(a, i, g);
                    }
                }
            }
        }
    }

    private static void add(Tensor x, long i, double dx) {
        if (x.needsGrad()) {
            x.grad().add(i, dx);
        }
    }
}
