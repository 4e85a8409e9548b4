package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.S;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.Panels;

/**
 * Block of up to 32 rows of a group. Its data are stored transposed, (.., 32): a product over features gives tiles of
 * scores (TILE positions, 32), a product over positions reads these directly, and each row is a lane.
 */
final class VectorAttentionRows {

    static final int WIDTH = Panels.WIDTH;

    private static final int TILE = VectorTile.ROWS;

    private final VectorAttentionGroup group;
    private final int first;
    private final int count;
    private final float[] positions = new float[WIDTH]; // of each row, which sees no later position

    VectorAttentionRows(VectorAttentionGroup group, int first) {
        this.group = group;
        this.first = first;
        count = Math.min(WIDTH, group.rows() - first);
        for (int r = 0; r < WIDTH; r++) {
            positions[r] = group.position(first + Math.min(r, count - 1));
        }
    }

    /** Allocates (D, 32), padded to whole tiles and blocks. */
    static float[] result(int D) {
        int features = Math.max(VectorAttentionGroup.roundUp(D, TILE), VectorAttentionGroup.roundUp(D, WIDTH));
        return new float[features * WIDTH];
    }

    int count() {
        return count;
    }

    /** Number of positions that all rows see. */
    int seenByAll() {
        return group.position(first) + 1;
    }

    /** Number of positions that at least one row sees. */
    int seen() {
        return group.position(first + count - 1) + 1;
    }

    long place(int r) {
        return group.place(first + r);
    }

    /** Replaces the lanes of rows that do not see a position; lane 0 is row j. */
    FloatVector replaceUnseen(FloatVector x, float replacement, int position, int j) {
        return x.blend(replacement, FloatVector.fromArray(S, positions, j).lt((float) position));
    }

    /** Copies these rows of a (T, H, D) tensor, transposed to (D, 32), to index {@code start} of {@code to}. */
    void load(MemorySegment from, float[] scratch, MemorySegment to, long start) {
        int D = group.heads().size();
        for (int d = 0; d < D; d += WIDTH) {
            for (int r = 0; r < count; r++) {
                MemorySegment.copy(from, FLOAT, byteOffset(r, d), scratch, (d + r) * WIDTH, Math.min(WIDTH, D - d));
            }
            VectorPacking.transpose(scratch, d * WIDTH);
        }
        MemorySegment.copy(scratch, 0, to, FLOAT, start * Float.BYTES, D * WIDTH);
    }

    /** Transposes (D, 32) in place, and copies it to these rows of a (T, H, D) tensor. */
    void store(float[] from, MemorySegment to) {
        int D = group.heads().size();
        for (int d = 0; d < D; d += WIDTH) {
            VectorPacking.transpose(from, d * WIDTH);
            for (int r = 0; r < count; r++) {
                MemorySegment.copy(from, (d + r) * WIDTH, to, FLOAT, byteOffset(r, d), Math.min(WIDTH, D - d));
            }
        }
    }

    /** Copies these rows of a (T, H, D) tensor to (D / 32, rows, 32), from row {@code row} on. */
    void copyStrips(MemorySegment from, MemorySegment to, int row, int rows) {
        int D = group.heads().size();
        for (int d = 0; d < D; d += WIDTH) {
            for (int r = 0; r < count; r++) {
                long bytes = Math.min(WIDTH, D - d) * (long) Float.BYTES;
                MemorySegment.copy(
                        from, byteOffset(r, d), to, ((long) d * rows + (long) (row + r) * WIDTH) * Float.BYTES, bytes);
            }
        }
    }

    private long byteOffset(int r, int d) {
        return (place(r) * group.heads().size() + d) * Float.BYTES;
    }

    /**
     * Writes (TILE positions, 32) at index {@code at}: products of packed keys, from a position on, and these rows,
     * whose (D, 32) begin at index {@code start} of {@code rows}.
     */
    void scores(float[] keys, int position, MemorySegment rows, long start, float[] to, int at) {
        Arrays.fill(to, at, at + VectorTile.SIZE, 0);
        int D = group.heads().size();
        int tileRows = Math.min(TILE, seen() - position);
        VectorTile.multiply(keys, position * D, D, VectorTile.GROUP, rows, start, WIDTH, to, at, D, tileRows);
    }

    /**
     * {@code to[d, r] += sum over positions of values[position, d] * weights[position, r]}, from a position to another,
     * with values packed by columns and weights (positions, 32) from index {@code start} on. The weight of a position
     * that a row does not see is zero and leaves the sum unchanged: values are finite.
     */
    void average(float[] values, int position, int end, MemorySegment weights, long start, float[] to) {
        int D = group.heads().size();
        int length = group.positions();
        for (int d = 0; d < D; d += TILE) {
            int tileRows = Math.min(TILE, D - d);
            int packedRows = VectorTile.group(tileRows);
            VectorTile.multiply(
                    values,
                    d * length + position * packedRows,
                    length,
                    packedRows,
                    weights,
                    start,
                    WIDTH,
                    to,
                    d * WIDTH,
                    end - position,
                    tileRows);
        }
    }
}
