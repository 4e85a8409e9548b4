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

/** Forward pass of attention in one worker, with its scratch memory. */
final class VectorAttentionForward {

    private static final int WIDTH = VectorAttentionRows.WIDTH;
    private static final int TILE = VectorTile.ROWS;

    private final float[] sums = new float[LANES * WIDTH];
    private final float[] max = new float[WIDTH];
    private final Buffer q;
    private final Buffer k;
    private final Buffer v;
    private final Buffer y;
    private final Buffer lse;
    private final int D;
    private final float[] scratch;
    private final float[] keys; // (positions / TILE, D, TILE)
    private final float[] values; // (D / TILE, positions, TILE)
    private final float[] scores; // (positions, 32)
    private final float[] result; // (D, 32)
    private final MemorySegment queries; // (D, 32)
    private final MemorySegment weights; // (positions, 32)

    VectorAttentionForward(Attention op, Buffer y, int longest, TensorArena arena) {
        this.q = op.q().data();
        this.k = op.k().data();
        this.v = op.v().data();
        this.y = y;
        this.lse = op.lse().data();
        this.D = op.heads().size();
        scratch = new float[VectorPacking.SQUARE];
        keys = new float[roundUp(longest, TILE) * D];
        values = new float[longest * roundUp(D, TILE)];
        scores = new float[roundUp(longest, TILE) * WIDTH];
        result = VectorAttentionRows.result(D);
        queries = arena.allocate((long) D * WIDTH).segment();
        weights = arena.allocate((long) longest * WIDTH).segment();
    }

    /** Computes every {@code parts}-th block of a group's rows, from block {@code part} on. */
    void run(VectorAttentionGroup group, int part, int parts) {
        group.packRows(k.segment(), scratch, keys);
        group.packColumns(v.segment(), scratch, values);
        for (int first = part * WIDTH; first < group.rows(); first += parts * WIDTH) {
            var rows = new VectorAttentionRows(group, first);
            rows.load(q.segment(), result, queries, 0);
            for (int t = 0; t < rows.seen(); t += TILE) {
                rows.scores(keys, t, queries, 0, scores, t * WIDTH);
            }
            softmax(rows, (float) group.heads().scale());
            Arrays.fill(result, 0);
            rows.average(values, weights, 0, result);
            normalize();
            rows.store(result, y.segment());
            for (int r = 0; r < rows.count(); r++) {
                lse.set(rows.place(r), max[r] + Math.log(sums[r]));
            }
        }
    }

    /**
     * Writes {@code e^(score * scale - max)} to the weights, and stores each row's maximum and sum. The sum has the
     * order of a single query whose positions lie along vectors: the positions are added in turn to as many sums as a
     * vector has lanes, then these are added up.
     */
    private void softmax(VectorAttentionRows rows, float scale) {
        Arrays.fill(sums, 0);
        int seenByAll = rows.seenByAll();
        int seen = rows.seen();
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector shift = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
            for (int t = 0; t < seen; t++) {
                FloatVector score = FloatVector.fromArray(S, scores, t * WIDTH + j);
                shift = shift.max(t < seenByAll ? score : rows.replaceUnseen(score, Float.NEGATIVE_INFINITY, t, j));
            }
            shift = shift.mul(scale);
            shift.intoArray(max, j);
            for (int t = 0; t < seen; t++) {
                FloatVector e = VectorMath.exp(FloatVector.fromArray(S, scores, t * WIDTH + j)
                        .mul(scale)
                        .sub(shift));
                if (t >= seenByAll) {
                    e = rows.replaceUnseen(e, 0, t, j);
                }
                e.intoMemorySegment(weights, ((long) t * WIDTH + j) * Float.BYTES, ORDER);
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

    private void normalize() {
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector factor = FloatVector.broadcast(S, 1).div(FloatVector.fromArray(S, sums, j));
            for (int at = j; at < D * WIDTH; at += WIDTH) {
                FloatVector.fromArray(S, result, at).mul(factor).intoArray(result, at);
            }
        }
    }
}
