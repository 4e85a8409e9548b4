package org.rlvr4j.tensor;

import java.util.List;

/**
 * Rotary position embedding: each pair (i, i + D/2) of a head's features is rotated by the angle of the row's position.
 *
 * @param x         (T, heads * D) queries or keys
 * @param table     cosines and sines of the angles
 * @param positions (T) position of each row in its sequence
 * @param size      D, number of features per head
 */
@SuppressWarnings("ArrayRecordComponent") // an operation is compared by identity
public record Rope(Tensor x, RopeTable table, int[] positions, int size) implements Op {

    /**
     * Rotated heads (T, H * D).
     *
     * @param x         (T, H * D) queries or keys
     * @param table     angles
     * @param positions (T) position of each row in its sequence
     * @param size      size D of a head
     */
    public static Tensor forward(Tensor x, RopeTable table, int[] positions, int size) {
        Buffer y = x.workspace().allocate(x.shape().size());
        var op = new Rope(x, table, positions, size);
        x.workspace().backend().rope(op, x.data(), y, 1);
        return Tensor.of(op, x.shape(), y);
    }

    /** Number of heads per row. */
    public int heads() {
        return x.cols() / size;
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x);
    }

    /** The transpose of a rotation is its inverse: dx is dy rotated by the negative angles, and as much magnified. */
    @Override
    public void backward(Tensor out) {
        Buffer dx = out.workspace().allocate(x.shape().size());
        out.workspace().backend().rope(this, out.grad(), dx, -1);
        x.gradient().add(dx);
    }
}
