package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.load;
import static org.rlvr4j.tensor.vector.VectorMath.store;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.SingleMath;

/**
 * Attention kernels: packed batches by tiles, cached sequences one query after another. A score is one chain of
 * additions over features; the softmax is merged of parts of {@link Lanes#POSITIONS} positions. So a cached sequence in
 * pages gives the same bits as a packed one.
 */
final class VectorAttention {

    private final ThreadTeam team;
    private final VectorChunks chunks;
    private final TensorArena arena;

    VectorAttention(ThreadTeam team, VectorChunks chunks, TensorArena arena) {
        this.team = team;
        this.chunks = chunks;
        this.arena = arena;
    }

    void forward(Attention op, Buffer y) {
        Segments segments = op.segments();
        Heads heads = op.heads();
        var workers = new VectorAttentionForward[team.size()];
        int longest = VectorAttentionGroup.longest(segments);
        Arrays.setAll(workers, _ -> new VectorAttentionForward(op, y, longest, arena));
        int groups = segments.count() * heads.keyValue();
        int parts = Math.ceilDiv(team.size(), Math.max(1, groups)); // few long sequences also use all threads
        team.forEach(
                groups * parts,
                (chunk, worker) -> workers[worker].run(
                        VectorAttentionGroup.of(chunk / parts, segments, heads), chunk % parts, parts));
    }

    /** Copies row {@code b} of keys and values to a slot of a page. */
    static void append(MemorySegment k, MemorySegment v, long b, PagedCache cache, int layer, int page, int slot) {
        if (cache.keys(layer).type() == DType.BF16) {
            VectorBfloat16Cache.append(k, v, b, cache, layer, page, slot);
            return;
        }
        int D = cache.heads().size();
        MemorySegment keys = cache.keys(layer).segment();
        MemorySegment values = cache.values(layer).segment();
        for (int g = 0; g < cache.heads().keyValue(); g++) {
            long from = (b * cache.heads().keyValue() + g) * D;
            long start = cache.start(page, g);
            VectorGemm.copy(v, from, D, values, start + (long) slot * D, D, 1, D);
            for (int d = 0; d < D; d++) {
                float key = k.get(FLOAT, (from + d) * Float.BYTES);
                keys.set(FLOAT, (start + (long) d * PagedCache.POSITIONS + slot) * Float.BYTES, key);
            }
        }
    }

    void cached(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] sequences, int H) {
        var heads = new Heads(H, cache.heads().keyValue(), cache.heads().size());
        int longest = Arrays.stream(sequences)
                .mapToInt(PagedCache.Sequence::length)
                .max()
                .orElse(0);
        int features = VectorAttentionGroup.roundUp(cache.heads().size(), Panels.WIDTH);
        int stride = 2 * features + VectorAttentionGroup.roundUp(longest, Panels.WIDTH) + Panels.WIDTH;
        long size = (long) stride * heads.perGroup();
        MemorySegment scratch = arena.allocate(team.size() * size).segment();
        team.forEach(sequences.length * heads.keyValue(), (chunk, worker) -> {
            PagedCache.Sequence sequence = sequences[chunk / heads.keyValue()];
            cached(q.segment(), y.segment(), chunk, cache, layer, sequence, heads, scratch, worker * size, stride);
        });
    }

    /**
     * Attention of the queries of one group, a sequence and a key-value head.
     *
     * @param group       sequence * G + key-value head
     * @param resultStart start of this thread's scratch memory: each query's result, then that of a part of the
     *                    positions, then its scores
     * @param stride      number of scratch elements per query
     */
    private static void cached(
            MemorySegment q,
            MemorySegment y,
            int group,
            PagedCache cache,
            int layer,
            PagedCache.Sequence sequence,
            Heads heads,
            MemorySegment scratch,
            long resultStart,
            int stride) {
        int D = heads.size();
        int rows = heads.perGroup();
        long first = (long) group * rows * D;
        long partStart = resultStart + VectorAttentionGroup.roundUp(D, Panels.WIDTH);
        long scores = partStart + VectorAttentionGroup.roundUp(D, Panels.WIDTH);
        Buffer keys = cache.keys(layer);
        Buffer values = cache.values(layer);
        int[] counts = sequence.counts();
        long[] starts = new long[counts.length];
        int n = 0;
        for (int piece = 0; piece < counts.length; piece++) {
            starts[piece] = cache.start(sequence.pages()[piece], group % heads.keyValue());
            long[] from = {starts[piece]};
            int distance = PagedCache.POSITIONS;
            product(q, first, D, rows, keys, from, new int[] {D}, distance, counts[piece], scratch, scores + n, stride);
            n += counts[piece];
        }
        float scale = (float) heads.scale();
        var partStarts = new long[counts.length];
        var partCounts = new int[counts.length];
        var max = new float[rows];
        var sums = new float[rows];
        for (int from = 0; from < n; from += Lanes.POSITIONS) {
            int end = Math.min(n, from + Lanes.POSITIONS);
            narrow(starts, counts, D, from, end, partStarts, partCounts);
            long to = from == 0 ? resultStart : partStart;
            var partMax = new float[rows];
            var partSums = new float[rows];
            for (int r = 0; r < rows; r++) {
                long at = scores + (long) r * stride + from;
                partMax[r] = VectorMath.max(scratch, at, end - from) * scale;
                VectorMath.expInPlace(scratch, at, end - from, scale, partMax[r]);
                partSums[r] = VectorSums.sum(scratch, at, end - from);
            }
            product(scratch, scores + from, stride, rows, values, partStarts, partCounts, D, D, scratch, to, stride);
            for (int r = 0; r < rows; r++) {
                float greater = from == 0 ? partMax[r] : Math.max(max[r], partMax[r]);
                float share = SingleMath.exp(partMax[r] - greater);
                float keep = from == 0 ? 0 : SingleMath.exp(max[r] - greater);
                max[r] = greater;
                sums[r] = Math.fma(sums[r], keep, partSums[r] * share);
                if (from > 0) {
                    long row = (long) r * stride;
                    VectorMath.merge(scratch, resultStart + row, keep, partStart + row, share, D);
                }
            }
        }
        for (int r = 0; r < rows; r++) {
            VectorMath.scale(scratch, resultStart + (long) r * stride, D, 1 / sums[r]);
        }
        VectorGemm.copy(scratch, resultStart, stride, y, first, D, rows, D);
    }

    /**
     * Narrows pieces of values, which begin at {@code starts} and hold {@code counts} positions, to the positions
     * {@code from} to {@code end} of all.
     */
    private static void narrow(
            long[] starts, int[] counts, int D, int from, int end, long[] partStarts, int[] partCounts) {
        int before = 0;
        for (int piece = 0; piece < starts.length; piece++) {
            int first = Math.clamp(from - before, 0, counts[piece]);
            partStarts[piece] = starts[piece] + (long) first * D;
            partCounts[piece] = Math.clamp(end - before, 0, counts[piece]) - first;
            before += counts[piece];
        }
    }

    void backward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        var workers = new VectorAttentionBackward[team.size()];
        int longest = VectorAttentionGroup.longest(op.segments());
        var parts = new VectorAttentionParts(op, arena);
        Arrays.setAll(workers, _ -> new VectorAttentionBackward(op, y, dy, dq, dk, dv, parts, longest, arena));
        team.forEach(
                op.segments().count() * op.heads().keyValue(),
                (chunk, worker) -> workers[worker].run(VectorAttentionGroup.of(chunk, op.segments(), op.heads())));
        parts.add(op, dk, dv, chunks);
    }

    private static void product(
            MemorySegment aData,
            long a,
            int aRow,
            int rows,
            Buffer bData,
            long[] b,
            int[] depths,
            int bRow,
            int cols,
            MemorySegment cData,
            long c,
            int cRow) {
        if (bData.type() == DType.BF16) {
            VectorBfloat16Cache.product(aData, a, aRow, rows, bData.segment(), b, depths, bRow, cols, cData, c, cRow);
        } else {
            float32(aData, a, aRow, rows, bData.segment(), b, depths, bRow, cols, cData, c, cRow);
        }
    }

    /**
     * {@code c[r, j] = sum over k of a[r, k] * b[k, j]}: each element is one chain over k, across the depths of all
     * pieces of b. Rows are computed in pairs, so that there are enough chains to hide latency; the last of an odd
     * number is computed twice. Columns are padded to whole vectors, in b with the elements that follow.
     */
    private static void float32(
            MemorySegment aData,
            long a,
            int aRow,
            int rows,
            MemorySegment bData,
            long[] b,
            int[] depths,
            int bRow,
            int cols,
            MemorySegment cData,
            long c,
            int cRow) {
        for (int r = 0; r < rows; r += 2) {
            int s = Math.min(r + 1, rows - 1);
            for (int j = 0; j < cols; j += 2 * LANES) {
                FloatVector c00 = FloatVector.zero(S);
                FloatVector c01 = FloatVector.zero(S);
                FloatVector c10 = FloatVector.zero(S);
                FloatVector c11 = FloatVector.zero(S);
                long a0 = (a + (long) r * aRow) * Float.BYTES;
                long a1 = (a + (long) s * aRow) * Float.BYTES;
                for (int piece = 0; piece < b.length; piece++) {
                    long at = b[piece] + j;
                    for (int k = 0; k < depths[piece]; k++) {
                        FloatVector b0 = load(bData, at);
                        FloatVector b1 = load(bData, at + LANES);
                        FloatVector x = FloatVector.broadcast(S, aData.get(FLOAT, a0));
                        c00 = x.fma(b0, c00);
                        c01 = x.fma(b1, c01);
                        x = FloatVector.broadcast(S, aData.get(FLOAT, a1));
                        c10 = x.fma(b0, c10);
                        c11 = x.fma(b1, c11);
                        at += bRow;
                        a0 += Float.BYTES;
                        a1 += Float.BYTES;
                    }
                }
                store(c00, cData, c + (long) r * cRow + j);
                store(c01, cData, c + (long) r * cRow + j + LANES);
                store(c10, cData, c + (long) s * cRow + j);
                store(c11, cData, c + (long) s * cRow + j + LANES);
            }
        }
    }
}
