package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorAttentionGroup.roundUp;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One worker's part of the backward pass, with memory of its own.
 *
 * <p>The weights are computed again, a tall tile's positions and 32 rows at a time. Gradients of keys and values are chains over
 * the rows of their group, those of queries over positions; each starts from what the gradient holds.
 */
final class VectorAttentionBackward {

    private static final int WIDTH = VectorAttentionRows.WIDTH;
    private static final int TALL = VectorTallTile.ROWS;

    private final float[] scores = new float[VectorTallTile.SIZE];
    private final float[] dWeights = new float[VectorTallTile.SIZE];
    private final float[] lse = new float[WIDTH];
    private final float[] delta = new float[WIDTH];
    private final Attention op;
    private final Buffer y;
    private final Buffer dy;
    private final Buffer dq;
    private final Buffer dk;
    private final Buffer dv;
    private final int D;
    private final int positions; // of whole tiles
    private final float[] own;
    private final float[] keyRows; // (positions / TALL, D, TALL)
    private final float[] valueRows; // (positions / TALL, D, TALL)
    private final float[] keyColumns; // (D / TALL, positions, TALL)
    private final float[] result; // (D, 32)
    private final MemorySegment q;
    private final MemorySegment queries; // (D, 32)
    private final MemorySegment dResult; // (D, 32)
    private final MemorySegment queryStrips; // (D / 32, 32 rows, 32)
    private final MemorySegment dyStrips; // (D / 32, 32 rows, 32)
    private final MemorySegment weights; // (TALL positions, 32)
    private final MemorySegment dScores; // (positions, 32)
    private final MemorySegment dkStrips; // (D / 32, positions, 32)
    private final MemorySegment dvStrips; // (D / 32, positions, 32)

    VectorAttentionBackward(
            Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv, int longest, TensorArena arena) {
        this.op = op;
        this.y = y;
        this.dy = dy;
        this.dq = dq;
        this.dk = dk;
        this.dv = dv;
        D = op.heads().size();
        positions = roundUp(longest, TALL);
        own = new float[VectorPacking.SQUARE];
        keyRows = new float[positions * D];
        valueRows = new float[positions * D];
        keyColumns = new float[positions * roundUp(D, TALL)];
        result = VectorAttentionRows.result(D);
        q = op.q().data().segment();
        long block = (long) roundUp(D, WIDTH) * WIDTH;
        queries = arena.allocate(block).segment();
        dResult = arena.allocate(block).segment();
        queryStrips = arena.allocate(block).segment();
        dyStrips = arena.allocate(block).segment();
        weights = arena.allocate(VectorTallTile.SIZE).segment();
        dScores = arena.allocate((long) positions * WIDTH).segment();
        dkStrips = arena.allocate((long) positions * roundUp(D, WIDTH)).segment();
        dvStrips = arena.allocate((long) positions * roundUp(D, WIDTH)).segment();
    }

    /** A whole group: nobody else adds to its keys' and values' gradients. */
    void run(VectorAttentionGroup group) {
        group.packRows(op.k().data().segment(), own, keyRows);
        group.packRows(op.v().data().segment(), own, valueRows);
        group.packColumns(op.k().data().segment(), own, keyColumns);
        group.toStrips(dk.segment(), dkStrips, positions);
        group.toStrips(dv.segment(), dvStrips, positions);
        for (int first = 0; first < group.rows(); first += WIDTH) {
            var rows = new VectorAttentionRows(group, first);
            load(rows);
            for (int t = 0; t < rows.seen(); t += TALL) {
                rows.scores(keyRows, t, queries, scores, 0);
                rows.scores(valueRows, t, dResult, dWeights, 0);
                scoreGradient(rows, t);
                keyValueGradient(rows.count(), t);
            }
            rows.load(dq.segment(), result);
            rows.average(keyColumns, dScores, result);
            rows.store(result, dq.segment());
        }
        group.fromStrips(dkStrips, positions, dk.segment());
        group.fromStrips(dvStrips, positions, dv.segment());
    }

    private void load(VectorAttentionRows rows) {
        rows.load(q, result, queries);
        rows.load(dy.segment(), result, dResult);
        rows.strips(q, queryStrips);
        rows.strips(dy.segment(), dyStrips);
        for (int r = 0; r < rows.count(); r++) {
            long place = rows.place(r);
            lse[r] = (float) op.lse().get(place);
            delta[r] = VectorMath.dot(dy.segment(), place * D, y.segment(), place * D, D);
        }
    }

    /** {@code P = exp(score * scale - lse)} and {@code dS = P * (dP - delta) * scale} for a tall tile's positions. */
    private void scoreGradient(VectorAttentionRows rows, int position) {
        float scale = (float) op.heads().scale();
        int all = rows.seenByAll();
        long start = (long) position * WIDTH;
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector sum = FloatVector.fromArray(S, lse, j);
            FloatVector mean = FloatVector.fromArray(S, delta, j);
            for (int i = 0; i < TALL; i++) {
                int at = i * WIDTH + j;
                FloatVector p = VectorMath.exp(
                        FloatVector.fromArray(S, scores, at).mul(scale).sub(sum));
                FloatVector ds =
                        FloatVector.fromArray(S, dWeights, at).sub(mean).mul(p).mul(scale);
                if (position + i >= all) {
                    p = rows.unseen(p, 0, position + i, j);
                    ds = rows.unseen(ds, 0, position + i, j);
                }
                p.intoMemorySegment(weights, (long) at * Float.BYTES, ORDER);
                ds.intoMemorySegment(dScores, (start + at) * Float.BYTES, ORDER);
            }
        }
    }

    /** {@code dk[t, d] += sum over rows of dS[t, row] * q[row, d]}, and dv likewise, for a tall tile's positions. */
    private void keyValueGradient(int rows, int position) {
        for (int i = 0; i < TALL; i += VectorTile.ROWS) {
            long ds = (long) (position + i) * WIDTH;
            long w = (long) i * WIDTH;
            for (int d = 0; d < D; d += WIDTH) {
                long b = (long) d * WIDTH;
                long c = (long) d * positions + ds;
                VectorTile.multiply(dScores, ds, WIDTH, 1, VectorTile.ROWS, queryStrips, b, dkStrips, c, WIDTH, rows);
                VectorTile.multiply(weights, w, WIDTH, 1, VectorTile.ROWS, dyStrips, b, dvStrips, c, WIDTH, rows);
            }
        }
    }
}
