package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.S;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.Panels;

/**
 * A block of up to 32 rows of a group. Whatever belongs to it is held transposed, (.., 32): a product over features gives
 * tiles of scores (TILE positions, 32), a product over positions takes them as they are, and a row's numbers are lanes.
 */
final class VectorAttentionRows {

    static final int WIDTH = Panels.WIDTH;

    private static final int TILE = VectorTile.ROWS;

    private final VectorAttentionGroup group;
    private final int first;
    private final int count;
    private final float[] positions = new float[WIDTH]; // of each row, which sees no later one

    VectorAttentionRows(VectorAttentionGroup group, int first) {
        this.group = group;
        this.first = first;
        count = Math.min(WIDTH, group.rows() - first);
        for (int r = 0; r < WIDTH; r++) {
            positions[r] = group.position(first + Math.min(r, count - 1));
        }
    }

    /** Memory for (D, 32), filled up to whole tiles and blocks. */
    static float[] result(int D) {
        int features = Math.max(VectorAttentionGroup.roundUp(D, TILE), VectorAttentionGroup.roundUp(D, WIDTH));
        return new float[features * WIDTH];
    }

    int count() {
        return count;
    }

    /** Positions that all rows see. */
    int seenByAll() {
        return group.position(first) + 1;
    }

    /** Positions that some row sees. */
    int seen() {
        return group.position(first + count - 1) + 1;
    }

    long place(int r) {
        return group.place(first + r);
    }

    /** Replaces what belongs to rows, from lane j on, that do not see a position. */
    FloatVector unseen(FloatVector x, float replacement, int position, int j) {
        return x.blend(replacement, FloatVector.fromArray(S, positions, j).lt((float) position));
    }

    /** Copies these rows of a (T, H, D) tensor, transposed to (D, 32), from an index on. */
    void load(MemorySegment from, float[] own, MemorySegment to, long start) {
        int D = group.heads().size();
        for (int d = 0; d < D; d += WIDTH) {
            for (int r = 0; r < count; r++) {
                MemorySegment.copy(from, FLOAT, at(r, d), own, (d + r) * WIDTH, Math.min(WIDTH, D - d));
            }
            VectorPacking.transpose(own, d * WIDTH);
        }
        MemorySegment.copy(own, 0, to, FLOAT, start * Float.BYTES, D * WIDTH);
    }

    /** Writes (D, 32), which is used up, to these rows of a (T, H, D) tensor. */
    void store(float[] from, MemorySegment to) {
        int D = group.heads().size();
        for (int d = 0; d < D; d += WIDTH) {
            VectorPacking.transpose(from, d * WIDTH);
            for (int r = 0; r < count; r++) {
                MemorySegment.copy(from, (d + r) * WIDTH, to, FLOAT, at(r, d), Math.min(WIDTH, D - d));
            }
        }
    }

    /** Copies these rows of a (T, H, D) tensor, as rows from {@code row} on of (D / 32, rows, 32). */
    void strips(MemorySegment from, MemorySegment to, int row, int rows) {
        int D = group.heads().size();
        for (int d = 0; d < D; d += WIDTH) {
            for (int r = 0; r < count; r++) {
                long bytes = Math.min(WIDTH, D - d) * (long) Float.BYTES;
                MemorySegment.copy(
                        from, at(r, d), to, ((long) d * rows + (long) (row + r) * WIDTH) * Float.BYTES, bytes);
            }
        }
    }

    private long at(int r, int d) {
        return (place(r) * group.heads().size() + d) * Float.BYTES;
    }

    /** Products (TILE positions, 32) of packed keys from a position on and these rows, of which (D, 32) begin at an index. */
    void scores(float[] keys, int position, MemorySegment rows, long start, float[] to, int at) {
        Arrays.fill(to, at, at + VectorTile.SIZE, 0);
        int D = group.heads().size();
        int some = Math.min(TILE, seen() - position);
        VectorTile.multiply(keys, position * D, D, VectorTile.GROUP, rows, start, WIDTH, to, at, D, some);
    }

    /**
     * {@code to[d, r] += sum over positions of values[position, d] * weights[position, r]}, the values packed by columns,
     * the weights (positions, 32) from an index on. A weight of zero, of a position that a row does not see, leaves a sum as
     * it is: values are finite.
     */
    void average(float[] values, MemorySegment weights, long start, float[] to) {
        int D = group.heads().size();
        int length = group.length();
        for (int d = 0; d < D; d += TILE) {
            int some = Math.min(TILE, D - d);
            int side = VectorTile.group(some);
            VectorTile.multiply(values, d * length, length, side, weights, start, WIDTH, to, d * WIDTH, seen(), some);
        }
    }
}
