package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorAttentionGroup.roundUp;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.ORDER;
import static org.rlvr4j.tensor.vector.VectorMath.S;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Lanes;

/** Forward pass of attention in one worker, with its scratch memory. */
final class VectorAttentionForward {

    private static final int WIDTH = VectorAttentionRows.WIDTH;
    private static final int TILE = VectorTile.ROWS;

    private final float[] lanes = new float[Lanes.COUNT * WIDTH];
    private final float[] max = new float[WIDTH];
    private final float[] sums = new float[WIDTH];
    private final float[] partMax = new float[WIDTH];
    private final Attention op;
    private final Buffer q;
    private final Buffer y;
    private final Buffer lse;
    private final int D;
    private final float[] scratch;
    private final float[] keys; // (positions / TILE, D, TILE)
    private final float[] values; // (D / TILE, positions, TILE)
    private final float[] scores; // (positions, 32)
    private final float[] result; // (D, 32)
    private final float[] partResult; // (D, 32)
    private final MemorySegment queries; // (D, 32)
    private final MemorySegment weights; // (positions of a part, 32)
    private final MemorySegment gathered; // (positions, D), if a sequence continues another one

    VectorAttentionForward(Attention op, Buffer y, int longest, TensorArena arena) {
        this.op = op;
        this.q = op.q().data();
        this.y = y;
        this.lse = op.lse().data();
        this.D = op.heads().size();
        scratch = new float[VectorPacking.SQUARE];
        keys = new float[roundUp(longest, TILE) * D];
        values = new float[longest * roundUp(D, TILE)];
        scores = new float[roundUp(longest, TILE) * WIDTH];
        result = VectorAttentionRows.result(D);
        partResult = VectorAttentionRows.result(D);
        queries = arena.allocate((long) D * WIDTH).segment();
        weights = arena.allocate((long) Lanes.POSITIONS * WIDTH).segment();
        gathered = arena.allocate(VectorAttentionGroup.gathered(op.segments(), op.heads()))
                .segment();
    }

    /** Computes every {@code parts}-th block of a group's rows, from block {@code part} on. */
    void run(VectorAttentionGroup group, int part, int parts) {
        Attention.Prefix prefix = op.prefix();
        Buffer prefixKeys = prefix == null ? null : prefix.keys().data();
        Buffer prefixValues = prefix == null ? null : prefix.values().data();
        group.packRows(group.positions(op.k().data(), prefixKeys, op.segments(), gathered), scratch, keys);
        group.packColumns(group.positions(op.v().data(), prefixValues, op.segments(), gathered), scratch, values);
        for (int first = part * WIDTH; first < group.rows(); first += parts * WIDTH) {
            var rows = new VectorAttentionRows(group, first);
            rows.load(q.segment(), result, queries, 0);
            for (int t = 0; t < rows.seen(); t += TILE) {
                rows.scores(keys, t, queries, 0, scores, t * WIDTH);
            }
            for (int t = 0; t < rows.seen(); t += Lanes.POSITIONS) {
                int end = Math.min(rows.seen(), t + Lanes.POSITIONS);
                softmax(rows, t, end, (float) group.heads().scale());
                Arrays.fill(partResult, 0);
                rows.average(values, t, end, weights, 0, partResult);
                merge(t == 0);
            }
            normalize();
            rows.store(result, y.segment());
            for (int r = 0; r < rows.count(); r++) {
                lse.set(rows.place(r), max[r]);
            }
        }
    }

    /**
     * Writes {@code e^(score * scale - max)} of the positions of a part to the weights, and stores each row's maximum
     * and lanes of its sum.
     */
    private void softmax(VectorAttentionRows rows, int from, int to, float scale) {
        Arrays.fill(lanes, 0);
        FloatVector factor = FloatVector.broadcast(S, scale);
        int seenByAll = rows.seenByAll();
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector shift = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
            for (int t = from; t < to; t++) {
                FloatVector score = FloatVector.fromArray(S, scores, t * WIDTH + j);
                shift = shift.max(t < seenByAll ? score : rows.replaceUnseen(score, Float.NEGATIVE_INFINITY, t, j));
            }
            shift = shift.mul(scale);
            shift.intoArray(partMax, j);
            FloatVector offset = shift.neg();
            for (int t = from; t < to; t++) {
                FloatVector e = VectorMath.exp(
                        FloatVector.fromArray(S, scores, t * WIDTH + j).fma(factor, offset));
                if (t >= seenByAll) {
                    e = rows.replaceUnseen(e, 0, t, j);
                }
                e.intoMemorySegment(weights, ((long) (t - from) * WIDTH + j) * Float.BYTES, ORDER);
                int lane = t % Lanes.COUNT * WIDTH + j;
                FloatVector.fromArray(S, lanes, lane).add(e).intoArray(lanes, lane);
            }
        }
        for (int half = Lanes.COUNT / 2 * WIDTH; half >= WIDTH; half /= 2) {
            for (int at = 0; at < half; at += LANES) {
                FloatVector.fromArray(S, lanes, at)
                        .add(FloatVector.fromArray(S, lanes, at + half))
                        .intoArray(lanes, at);
            }
        }
    }

    /** Merges a part with those before it: all are scaled to the greater of the two maxima. */
    private void merge(boolean first) {
        if (first) {
            System.arraycopy(partMax, 0, max, 0, WIDTH);
            System.arraycopy(lanes, 0, sums, 0, WIDTH);
            System.arraycopy(partResult, 0, result, 0, partResult.length);
            return;
        }
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector before = FloatVector.fromArray(S, max, j);
            FloatVector now = FloatVector.fromArray(S, partMax, j);
            FloatVector greater = before.max(now);
            FloatVector keep = VectorMath.exp(before.sub(greater));
            FloatVector share = VectorMath.exp(now.sub(greater));
            greater.intoArray(max, j);
            FloatVector.fromArray(S, sums, j)
                    .fma(keep, FloatVector.fromArray(S, lanes, j).mul(share))
                    .intoArray(sums, j);
            for (int at = j; at < D * WIDTH; at += WIDTH) {
                FloatVector.fromArray(S, result, at)
                        .fma(keep, FloatVector.fromArray(S, partResult, at).mul(share))
                        .intoArray(result, at);
            }
        }
    }

    /** Divides the results by their sums, and adds the sums' logarithms to the maxima. */
    private void normalize() {
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector sum = FloatVector.fromArray(S, sums, j);
            FloatVector.fromArray(S, max, j).add(VectorMath.log(sum)).intoArray(max, j);
            FloatVector factor = FloatVector.broadcast(S, 1).div(sum);
            for (int at = j; at < D * WIDTH; at += WIDTH) {
                FloatVector.fromArray(S, result, at).mul(factor).intoArray(result, at);
            }
        }
    }
}
