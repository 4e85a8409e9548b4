package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorAttentionGroup.atLeast;
import static org.rlvr4j.tensor.VectorAttentionGroup.roundUp;
import static org.rlvr4j.tensor.VectorMath.FLOAT;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One worker's part of the backward pass, with memory of its own.
 *
 * <p>The weights are computed again, twelve positions and 32 rows at a time. Gradients of keys and values are chains over
 * the rows of their group, those of queries over positions; each starts from what the gradient holds.
 */
final class VectorAttentionBackward {

    private static final int WIDTH = VectorAttentionRows.WIDTH;
    private static final int TALL = VectorTallTile.ROWS;

    private final float[] scores = new float[VectorTallTile.SIZE];
    private final float[] dWeights = new float[VectorTallTile.SIZE];
    private final float[] lse = new float[WIDTH];
    private final float[] delta = new float[WIDTH];
    private float[] own = {};
    private float[] keyRows = {};
    private float[] valueRows = {};
    private float[] keyColumns = {};
    private float[] result = {};

    /** Where in a worker's scratch things are, for D features and so many positions filled up to whole tiles. */
    private record Layout(int D, int positions) {

        static Layout of(int length, int D) {
            return new Layout(roundUp(D, WIDTH), roundUp(length, TALL));
        }

        long queries() { // (D, 32)
            return 0;
        }

        long dy() { // (D, 32)
            return (long) D * WIDTH;
        }

        long queryStrips() { // (D / 32, 32 rows, 32)
            return 2L * D * WIDTH;
        }

        long dyStrips() { // (D / 32, 32 rows, 32)
            return 3L * D * WIDTH;
        }

        long weights() { // (12 positions, 32)
            return 4L * D * WIDTH;
        }

        long dScores() { // (positions, 32)
            return weights() + VectorTallTile.SIZE;
        }

        long dk() { // (D / 32, positions, 32)
            return dScores() + (long) positions * WIDTH;
        }

        long dv() { // (D / 32, positions, 32)
            return dk() + (long) positions * D;
        }

        long size() {
            return dv() + (long) positions * D;
        }
    }

    /** Elements of scratch for sequences up to this length. */
    static long scratch(int longest, int D) {
        return Layout.of(longest, D).size();
    }

    /** A whole group: nobody else adds to its keys' and values' gradients. */
    void run(
            VectorAttentionGroup group,
            Attention op,
            Buffer y,
            Buffer dy,
            Buffer dq,
            Buffer dk,
            Buffer dv,
            MemorySegment scratch) {
        int D = group.heads().size();
        Layout layout = Layout.of(group.length(), D);
        own = atLeast(TALL * D, own);
        keyRows = group.packRows(op.k().data().segment(), own, keyRows);
        valueRows = group.packRows(op.v().data().segment(), own, valueRows);
        keyColumns = group.packColumns(op.k().data().segment(), keyColumns);
        result = atLeast(VectorAttentionRows.resultSize(D), result);
        group.toStrips(dk.segment(), scratch, layout.dk(), layout.positions);
        group.toStrips(dv.segment(), scratch, layout.dv(), layout.positions);
        for (int first = 0; first < group.rows(); first += WIDTH) {
            var rows = new VectorAttentionRows(group, first);
            load(rows, op, y.segment(), dy.segment(), D, scratch, layout);
            for (int t = 0; t < rows.seen(); t += TALL) {
                rows.scores(keyRows, t, scratch, layout.queries(), scores, 0);
                rows.scores(valueRows, t, scratch, layout.dy(), dWeights, 0);
                scoreGradient(rows, t, (float) group.heads().scale(), scratch, layout);
                keyValueGradient(rows.count(), t, scratch, layout);
            }
            rows.load(dq.segment(), result);
            rows.average(keyColumns, scratch, layout.dScores(), result);
            rows.store(result, dq.segment());
        }
        group.fromStrips(scratch, layout.dk(), layout.positions, dk.segment());
        group.fromStrips(scratch, layout.dv(), layout.positions, dv.segment());
    }

    private void load(
            VectorAttentionRows rows,
            Attention op,
            MemorySegment y,
            MemorySegment dy,
            int D,
            MemorySegment scratch,
            Layout layout) {
        MemorySegment q = op.q().data().segment();
        rows.load(q, result);
        MemorySegment.copy(result, 0, scratch, FLOAT, layout.queries() * Float.BYTES, D * WIDTH);
        rows.load(dy, result);
        MemorySegment.copy(result, 0, scratch, FLOAT, layout.dy() * Float.BYTES, D * WIDTH);
        rows.strips(q, scratch, layout.queryStrips());
        rows.strips(dy, scratch, layout.dyStrips());
        for (int r = 0; r < rows.count(); r++) {
            long place = rows.place(r);
            lse[r] = (float) op.lse().get(place);
            delta[r] = VectorMath.dot(dy, place * D, y, place * D, D);
        }
    }

    /** {@code P = exp(score * scale - lse)} and {@code dS = P * (dP - delta) * scale} for twelve positions. */
    private void scoreGradient(
            VectorAttentionRows rows, int position, float scale, MemorySegment scratch, Layout layout) {
        int all = rows.seenByAll();
        long dScores = layout.dScores() + (long) position * WIDTH;
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector sum = FloatVector.fromArray(S, lse, j);
            FloatVector mean = FloatVector.fromArray(S, delta, j);
            for (int i = 0; i < TALL; i++) {
                int at = i * WIDTH + j;
                FloatVector p = VectorMath.exp(
                        FloatVector.fromArray(S, scores, at).mul(scale).sub(sum));
                FloatVector ds = FloatVector.fromArray(S, dWeights, at).sub(mean).mul(p).mul(scale);
                if (position + i >= all) {
                    p = rows.zeroIfUnseen(p, position + i, j);
                    ds = rows.zeroIfUnseen(ds, position + i, j);
                }
                p.intoMemorySegment(scratch, (layout.weights() + at) * Float.BYTES, ORDER);
                ds.intoMemorySegment(scratch, (dScores + at) * Float.BYTES, ORDER);
            }
        }
    }

    /** {@code dk[t, d] += sum over rows of dS[t, row] * q[row, d]}, and dv likewise, for twelve positions. */
    private static void keyValueGradient(int rows, int position, MemorySegment scratch, Layout layout) {
        for (int i = 0; i < TALL; i += VectorTile.ROWS) {
            long t = (long) (position + i) * WIDTH;
            long p = layout.weights() + (long) i * WIDTH;
            for (int d = 0; d < layout.D; d += WIDTH) {
                long b = (long) d * WIDTH;
                long c = (long) d * layout.positions + t;
                outer(scratch, layout.dScores() + t, layout.queryStrips() + b, layout.dk() + c, rows);
                outer(scratch, p, layout.dyStrips() + b, layout.dv() + c, rows);
            }
        }
    }

    private static void outer(MemorySegment scratch, long a, long b, long c, int rows) {
        VectorTile.multiply(scratch, a, WIDTH, 1, VectorTile.ROWS, scratch, b, scratch, c, WIDTH, rows);
    }
}
