package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorAttentionGroup.atLeast;
import static org.rlvr4j.tensor.VectorAttentionGroup.roundUp;
import static org.rlvr4j.tensor.VectorMath.FLOAT;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** One worker's part of the backward pass, with memory of its own. */
final class VectorAttentionBackward {

    private static final int WIDTH = VectorAttentionRows.WIDTH;
    private static final int TALL = VectorTallTile.ROWS;

    private final float[] tile = new float[VectorTallTile.SIZE];
    private final float[] dTile = new float[VectorTallTile.SIZE];
    private final float[] lse = new float[WIDTH];
    private final float[] delta = new float[WIDTH];
    private float[] own = {};
    private float[] keyRows = {};
    private float[] valueRows = {};
    private float[] keyColumns = {};
    private float[] result = {};

    /** Elements of scratch for sequences up to this length. */
    static long scratch(int longest, int D) {
        int positions = roundUp(longest, TALL);
        return VectorTallTile.SIZE + (long) WIDTH * positions + roundUp(D, WIDTH) * (4L * WIDTH + 2L * positions);
    }

    void run(VectorAttentionGroup group, Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv, MemorySegment scratch) {
        int D = group.heads().size();
        long block = (long) roundUp(D, WIDTH) * WIDTH;
        int positions = roundUp(group.length(), TALL);
        long qT = 0, dyT = block, qStrips = 2 * block, dyStrips = 3 * block;
        long p = 4 * block;
        long ds = p + VectorTallTile.SIZE;
        long dkStrips = ds + (long) positions * WIDTH;
        long dvStrips = dkStrips + (long) roundUp(D, WIDTH) * positions;
        MemorySegment q = op.q().data().segment();
        own = atLeast(TALL * D, own);
        keyRows = group.packRows(op.k().data().segment(), own, keyRows);
        valueRows = group.packRows(op.v().data().segment(), own, valueRows);
        keyColumns = group.packColumns(op.k().data().segment(), keyColumns);
        result = atLeast(Math.max(roundUp(D, TALL), roundUp(D, WIDTH)) * WIDTH, result);
        copy(group, dk.segment(), scratch, dkStrips, positions, true);
        copy(group, dv.segment(), scratch, dvStrips, positions, true);
        for (int first = 0; first < group.rows(); first += WIDTH) {
            var rows = new VectorAttentionRows(group, first);
            rows.load(q, result);
            MemorySegment.copy(result, 0, scratch, FLOAT, qT * Float.BYTES, D * WIDTH);
            rows.load(dy.segment(), result);
            MemorySegment.copy(result, 0, scratch, FLOAT, dyT * Float.BYTES, D * WIDTH);
            rows.strips(q, scratch, qStrips);
            rows.strips(dy.segment(), scratch, dyStrips);
            for (int r = 0; r < rows.count(); r++) {
                lse[r] = (float) op.lse().get(rows.place(r));
                delta[r] = VectorMath.dot(dy.segment(), rows.place(r) * D, y.segment(), rows.place(r) * D, D);
            }
            for (int t = 0; t < rows.seen(); t += TALL) {
                rows.scores(keyRows, t, scratch, qT, tile, 0);
                rows.scores(valueRows, t, scratch, dyT, dTile, 0);
                scoreGradient(rows, t, (float) group.heads().scale(), scratch, p, ds + (long) t * WIDTH);
                for (int d = 0; d < D; d += WIDTH) {
                    long c = (long) d * positions + (long) t * WIDTH;
                    outer(scratch, ds + (long) t * WIDTH, qStrips + (long) d * WIDTH, dkStrips + c, rows.count());
                    outer(scratch, p, dyStrips + (long) d * WIDTH, dvStrips + c, rows.count());
                }
            }
            rows.load(dq.segment(), result);
            rows.average(keyColumns, scratch, ds, result);
            rows.store(result, dq.segment());
        }
        copy(group, dk.segment(), scratch, dkStrips, positions, false);
        copy(group, dv.segment(), scratch, dvStrips, positions, false);
    }

    /** {@code p = exp(score * scale - lse)} and {@code ds = p * (dP - delta) * scale} for twelve positions. */
    private void scoreGradient(VectorAttentionRows rows, int position, float scale, MemorySegment to, long p, long ds) {
        int all = rows.seenByAll();
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector l = FloatVector.fromArray(S, lse, j);
            FloatVector mean = FloatVector.fromArray(S, delta, j);
            for (int i = 0; i < TALL; i++) {
                int at = i * WIDTH + j;
                FloatVector e = VectorMath.exp(FloatVector.fromArray(S, tile, at).mul(scale).sub(l));
                FloatVector d = FloatVector.fromArray(S, dTile, at).sub(mean).mul(e).mul(scale);
                if (position + i >= all) {
                    e = rows.zeroIfUnseen(e, position + i, j);
                    d = rows.zeroIfUnseen(d, position + i, j);
                }
                e.intoMemorySegment(to, (p + at) * Float.BYTES, ORDER);
                d.intoMemorySegment(to, (ds + at) * Float.BYTES, ORDER);
            }
        }
    }

    /** {@code c[t, d] += sum over rows of a[t, row] * b[row, d]} for twelve positions and 32 features. */
    private static void outer(MemorySegment scratch, long a, long b, long c, int rows) {
        for (int i = 0; i < TALL; i += VectorTile.ROWS) {
            long from = a + (long) i * WIDTH;
            long to = c + (long) i * WIDTH;
            VectorTile.multiply(scratch, from, WIDTH, 1, VectorTile.ROWS, scratch, b, scratch, to, WIDTH, rows);
        }
    }

    /** Between a group's rows of a (T, G, D) gradient and (D / 32, positions, 32). */
    private static void copy(VectorAttentionGroup group, MemorySegment gradient, MemorySegment scratch, long start, int positions, boolean in) {
        int D = group.heads().size();
        for (int d = 0; d < D; d += WIDTH) {
            long bytes = Math.min(WIDTH, D - d) * (long) Float.BYTES;
            for (int t = 0; t < group.length(); t++) {
                long outside = (group.firstKey() + (long) t * group.keyDistance() + d) * Float.BYTES;
                long inside = (start + (long) d * positions + (long) t * WIDTH) * Float.BYTES;
                if (in) MemorySegment.copy(gradient, outside, scratch, inside, bytes);
                else MemorySegment.copy(scratch, inside, gradient, outside, bytes);
            }
        }
    }
}
