package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorAttentionGroup.roundUp;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.store;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.vector.VectorAttentionGroup.Positions;

/**
 * Backward pass of attention in one worker, with its scratch memory.
 *
 * <p>The weights are computed again, a tile's positions and 32 rows at a time. Gradients of keys and values are chains
 * over the rows of their group, {@link #ROWS} at a time, so that they are seldom read and written; those of queries are
 * chains over positions.
 */
final class VectorAttentionBackward {

    private static final int WIDTH = VectorAttentionRows.WIDTH;
    private static final int TILE = VectorTile.ROWS;
    private static final int ROWS = VectorOuterTile.DISTANCE;

    private final float[] scores = new float[VectorTile.SIZE];
    private final float[] dWeights = new float[VectorTile.SIZE];
    private final float[] tileWeights = new float[TILE * ROWS]; // (positions, ROWS)
    private final float[] tileDScores = new float[TILE * ROWS]; // (positions, ROWS)
    private final float[] lse = new float[ROWS];
    private final float[] delta = new float[ROWS];
    private final Attention op;
    private final Buffer y;
    private final Buffer dy;
    private final Buffer dq;
    private final Buffer dk;
    private final Buffer dv;
    private final VectorAttentionParts parts;
    private final int D;
    private final int positions; // of the longest sequence, rounded up to whole tiles
    private final float[] scratch;
    private final float[] keyRows; // (positions / TILE, D, TILE)
    private final float[] valueRows; // (positions / TILE, D, TILE)
    private final float[] keyColumns; // (D / TILE, positions, TILE)
    private final float[] result; // (D, 32)
    private final MemorySegment q;
    private final MemorySegment queries; // (blocks, D, 32)
    private final MemorySegment dResult; // (blocks, D, 32)
    private final MemorySegment queryStrips; // (D / 32, ROWS, 32)
    private final MemorySegment dyStrips; // (D / 32, ROWS, 32)
    private final MemorySegment dScores; // (blocks, positions, 32)
    private final float[] dkStrips; // (D / 32, positions, 32)
    private final float[] dvStrips; // (D / 32, positions, 32)
    private final MemorySegment gathered; // (positions, D), if a sequence continues another one

    VectorAttentionBackward(
            Attention op,
            Buffer y,
            Buffer dy,
            Buffer dq,
            Buffer dk,
            Buffer dv,
            VectorAttentionParts parts,
            int longest,
            TensorArena arena) {
        this.op = op;
        this.y = y;
        this.dy = dy;
        this.dq = dq;
        this.dk = dk;
        this.dv = dv;
        this.parts = parts;
        D = op.heads().size();
        positions = roundUp(longest, TILE);
        scratch = new float[VectorPacking.SQUARE];
        keyRows = new float[positions * D];
        valueRows = new float[positions * D];
        keyColumns = new float[positions * roundUp(D, TILE)];
        result = VectorAttentionRows.result(D);
        q = op.q().data().segment();
        long block = (long) roundUp(D, WIDTH) * ROWS;
        queries = arena.allocate(block).segment();
        dResult = arena.allocate(block).segment();
        queryStrips = arena.allocate(block).segment();
        dyStrips = arena.allocate(block).segment();
        dScores = arena.allocate((long) positions * ROWS).segment();
        dkStrips = new float[positions * roundUp(D, WIDTH)];
        dvStrips = new float[positions * roundUp(D, WIDTH)];
        gathered = arena.allocate(VectorAttentionGroup.gathered(op.segments(), op.heads()))
                .segment();
    }

    /**
     * Computes a whole group: its gradients of keys and values, those apart of the positions that its sequence
     * continues.
     */
    void run(VectorAttentionGroup group) {
        Attention.Prefix prefix = op.prefix();
        Buffer prefixKeys = prefix == null ? null : prefix.keys().data();
        Buffer prefixValues = prefix == null ? null : prefix.values().data();
        Positions values = group.positions(op.v().data(), prefixValues, op.segments(), gathered);
        group.packRows(values, scratch, valueRows);
        Positions keys = group.positions(op.k().data(), prefixKeys, op.segments(), gathered);
        group.packRows(keys, scratch, keyRows);
        group.packColumns(keys, scratch, keyColumns);
        for (int first = 0; first < group.rows(); first += ROWS) {
            rows(group, first);
        }
        long part = parts.start(group.sequence());
        group.fromStrips(dkStrips, positions, dk.segment(), parts.dk().segment(), part);
        group.fromStrips(dvStrips, positions, dv.segment(), parts.dv().segment(), part);
    }

    private void rows(VectorAttentionGroup group, int first) {
        int count = Math.min(ROWS, group.rows() - first);
        var blocks = new VectorAttentionRows[Math.ceilDiv(count, WIDTH)];
        for (int b = 0; b < blocks.length; b++) {
            blocks[b] = new VectorAttentionRows(group, first + b * WIDTH);
            load(blocks[b], b * WIDTH);
        }
        for (int t = 0; t < blocks[blocks.length - 1].seen(); t += TILE) {
            int b = blocks.length;
            while (b > 0 && t < blocks[b - 1].seen()) {
                b--;
                blocks[b].scores(keyRows, t, queries, (long) b * WIDTH * D, scores, 0);
                blocks[b].scores(valueRows, t, dResult, (long) b * WIDTH * D, dWeights, 0);
                scoreGradient(blocks[b], b * WIDTH, t);
            }
            keyValueGradient(tileDScores, queryStrips, b * WIDTH, count, t, dkStrips);
            keyValueGradient(tileWeights, dyStrips, b * WIDTH, count, t, dvStrips);
        }
        for (int b = 0; b < blocks.length; b++) {
            Arrays.fill(result, 0);
            blocks[b].average(keyColumns, 0, blocks[b].seen(), dScores, (long) b * WIDTH * positions, result);
            blocks[b].store(result, dq.segment());
        }
    }

    /** Loads the inputs of a block, to row {@code row} and following. */
    private void load(VectorAttentionRows block, int row) {
        block.load(q, result, queries, (long) row * D);
        block.load(dy.segment(), result, dResult, (long) row * D);
        block.copyStrips(q, queryStrips, row, ROWS);
        block.copyStrips(dy.segment(), dyStrips, row, ROWS);
        for (int r = 0; r < block.count(); r++) {
            long place = block.place(r);
            lse[row + r] = (float) op.lse().get(place);
            delta[row + r] = VectorSums.dot(dy.segment(), place * D, y.segment(), place * D, D);
        }
    }

    /** {@code P = exp(score * scale - lse)} and {@code dS = P * (dP - delta) * scale} for a tile's positions. */
    private void scoreGradient(VectorAttentionRows block, int row, int position) {
        float scale = (float) op.heads().scale();
        FloatVector factor = FloatVector.broadcast(S, scale);
        int seenByAll = block.seenByAll();
        long start = (long) row * positions + (long) position * WIDTH;
        for (int j = 0; j < WIDTH; j += LANES) {
            FloatVector offset = FloatVector.fromArray(S, lse, row + j).neg();
            FloatVector rowDelta = FloatVector.fromArray(S, delta, row + j);
            for (int i = 0; i < TILE; i++) {
                int at = i * WIDTH + j;
                FloatVector p =
                        VectorMath.exp(FloatVector.fromArray(S, scores, at).fma(factor, offset));
                FloatVector ds = FloatVector.fromArray(S, dWeights, at)
                        .sub(rowDelta)
                        .mul(p)
                        .mul(scale);
                if (position + i >= seenByAll) {
                    p = block.replaceUnseen(p, 0, position + i, j);
                    ds = block.replaceUnseen(ds, 0, position + i, j);
                }
                int place = i * ROWS + row + j;
                p.intoArray(tileWeights, place);
                ds.intoArray(tileDScores, place);
                store(ds, dScores, start + at);
            }
        }
    }

    /**
     * {@code c[t, d] += sum over rows of a[t, row] * b[row, d]} for a tile's positions: gradients of keys from those of
     * scores and from queries, of values from weights and gradients of results.
     *
     * @param from first row that sees these positions
     * @param to   row after the last one
     */
    private void keyValueGradient(float[] a, MemorySegment b, int from, int to, int position, float[] c) {
        for (int d = 0; d < D; d += WIDTH) {
            long strip = (long) d * ROWS + (long) from * WIDTH;
            int at = d * positions + position * WIDTH;
            VectorOuterTile.multiply(a, from, b, strip, c, at, to - from, TILE);
        }
    }
}
