package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorAttentionGroup.atLeast;
import static org.rlvr4j.tensor.VectorAttentionGroup.roundUp;
import static org.rlvr4j.tensor.VectorMath.FLOAT;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** One worker's part of the forward pass, with memory of its own. */
final class VectorAttentionForward {

    private static final int WIDTH = VectorAttentionRows.WIDTH;
    private static final int TALL = VectorTallTile.ROWS;

    private final float[] sums = new float[LANES * WIDTH];
    private final float[] max = new float[WIDTH];
    private float[] own = {};
    private float[] keys = {};
    private float[] values = {};
    private float[] scores = {};
    private float[] result = {};

    /** Elements of scratch for sequences up to this length. */
    static long scratch(int longest, int D) {
        return (long) (longest + D) * WIDTH;
    }

    /** Every {@code parts}-th block of a group's rows. */
    void run(
            VectorAttentionGroup group,
            int part,
            int parts,
            Buffer q,
            Buffer k,
            Buffer v,
            Buffer y,
            Buffer lse,
            MemorySegment scratch) {
        int D = group.heads().size();
        own = atLeast(TALL * D, own);
        keys = group.packRows(k.segment(), own, keys);
        values = group.packColumns(v.segment(), values);
        scores = atLeast(roundUp(group.length(), TALL) * WIDTH, scores);
        result = atLeast(VectorAttentionRows.resultSize(D), result);
        for (int first = part * WIDTH; first < group.rows(); first += parts * WIDTH) {
            var rows = new VectorAttentionRows(group, first);
            rows.load(q.segment(), result);
            MemorySegment.copy(result, 0, scratch, FLOAT, 0, D * WIDTH);
            for (int t = 0; t < rows.seen(); t += TALL) {
                rows.scores(keys, t, scratch, 0, scores, t * WIDTH);
            }
            rows.hideUnseen(scores);
            softmax(rows, (float) group.heads().scale(), scratch, (long) D * WIDTH);
            Arrays.fill(result, 0);
            rows.average(values, scratch, (long) D * WIDTH, result);
            divide(D);
            rows.store(result, y.segment());
            for (int r = 0; r < rows.count(); r++) {
                lse.set(rows.place(r), max[r] + Math.log(sums[r]));
            }
        }
    }

    /**
     * Writes {@code e^(score * scale - max)}, and keeps each row's maximum and sum. The sum is made as that of one query
     * whose positions lie along vectors: position by position into so many sums as a vector has lanes, then these.
     */
    private void softmax(VectorAttentionRows rows, float scale, MemorySegment to, long start) {
        Arrays.fill(sums, 0);
        int all = rows.seenByAll();
        int seen = rows.seen();
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector shift = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
            for (int t = 0; t < seen; t++) {
                shift = shift.max(FloatVector.fromArray(S, scores, t * WIDTH + j));
            }
            shift = shift.mul(scale);
            shift.intoArray(max, j);
            for (int t = 0; t < seen; t++) {
                FloatVector e = VectorMath.exp(
                        FloatVector.fromArray(S, scores, t * WIDTH + j).mul(scale).sub(shift));
                if (t >= all) {
                    e = rows.zeroIfUnseen(e, t, j);
                }
                e.intoMemorySegment(to, (start + (long) t * WIDTH + j) * Float.BYTES, ORDER);
                int lane = t % LANES * WIDTH + j;
                FloatVector.fromArray(S, sums, lane).add(e).intoArray(sums, lane);
            }
            FloatVector sum = FloatVector.fromArray(S, sums, j);
            for (int lane = 1; lane < LANES; lane++) {
                sum = sum.add(FloatVector.fromArray(S, sums, lane * WIDTH + j));
            }
            sum.intoArray(sums, j);
        }
    }

    private void divide(int D) {
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector factor = FloatVector.broadcast(S, 1).div(FloatVector.fromArray(S, sums, j));
            for (int at = j; at < D * WIDTH; at += WIDTH) {
                FloatVector.fromArray(S, result, at).mul(factor).intoArray(result, at);
            }
        }
    }
}
