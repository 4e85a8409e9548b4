package org.rlvr4j.tensor;

import java.util.List;

/**
 * Rotary position embedding: each pair (i, i + D/2) of a head's features is turned by the position's angle.
 *
 * @param x         (T, heads * D)
 * @param table     cosines and sines of the angles
 * @param positions each row's position in its sequence
 * @param size      D
 */
@SuppressWarnings("ArrayRecordComponent") // an operation is compared by identity
public record Rope(Tensor x, RopeTable table, int[] positions, int size) implements Op {

    public static Tensor forward(Tensor x, RopeTable table, int[] positions, int size) {
        Buffer y = x.workspace().allocate(x.shape().size());
        x.workspace().backend().rope(x.data(), y, table, positions, x.cols() / size, size, 1);
        return Tensor.of(new Rope(x, table, positions, size), x.shape(), y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x);
    }

    /** A rotation's transpose is the rotation back: dx is dy turned by the negative angles. */
    @Override
    public void backward(Tensor out) {
        Buffer dx = out.workspace().allocate(x.shape().size());
        out.workspace().backend().rope(out.grad(), dx, table, positions, x.cols() / size, size, -1);
        x.gradient().add(dx);
    }
}
