package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorMath.FLOAT;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;
import static org.rlvr4j.tensor.VectorMath.load;
import static org.rlvr4j.tensor.VectorMath.store;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Attention, packed by tiles and cached one query after another. A score is one chain over features, an output one chain
 * over positions, and the sum of exponentials has the lanes of the positions: so a cached sequence in pages gives the
 * bits of a packed one.
 */
final class VectorAttention {

    private final ThreadTeam team;
    private final TensorArena arena;

    VectorAttention(ThreadTeam team, TensorArena arena) {
        this.team = team;
        this.arena = arena;
    }

    void forward(Buffer q, Buffer k, Buffer v, Buffer y, Buffer lse, Segments segments, Heads heads) {
        var workers = new VectorAttentionForward[team.size()];
        int longest = longest(segments);
        Arrays.setAll(workers, _ -> new VectorAttentionForward(q, k, v, y, lse, heads.size(), longest, arena));
        int groups = segments.count() * heads.keyValue();
        int parts = Math.ceilDiv(team.size(), Math.max(1, groups)); // few long sequences serve all threads, too
        team.forEach(
                groups * parts,
                (chunk, worker) -> workers[worker].run(group(chunk / parts, segments, heads), chunk % parts, parts));
    }

    private static VectorAttentionGroup group(int group, Segments segments, Heads heads) {
        int s = group / heads.keyValue();
        return new VectorAttentionGroup(segments.start(s), segments.length(s), group % heads.keyValue(), heads);
    }

    /** Copies row {@code b} of keys and values to a slot of a page. */
    static void append(MemorySegment k, MemorySegment v, long b, PagedCache cache, int layer, int page, int slot) {
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
        int longest = 0;
        for (PagedCache.Sequence sequence : sequences) {
            longest = Math.max(longest, sequence.length());
        }
        int size = longest;
        MemorySegment scratch = arena.allocate((long) team.size() * size).segment();
        team.forEach(sequences.length, (b, worker) -> {
            for (int h = 0; h < H; h++) {
                cached(q, y, cache, layer, sequences[b], (long) b * H + h, h, heads, scratch, (long) worker * size);
            }
        });
    }

    private static void cached(
            Buffer q,
            Buffer y,
            PagedCache cache,
            int layer,
            PagedCache.Sequence sequence,
            long row,
            int h,
            Heads heads,
            MemorySegment scratch,
            long scores) {
        int D = heads.size();
        int g = h / heads.perGroup();
        MemorySegment keys = cache.keys(layer).segment();
        MemorySegment values = cache.values(layer).segment();
        int n = 0;
        for (int piece = 0; piece < sequence.pages().length; piece++) {
            int count = sequence.counts()[piece];
            long start = cache.start(sequence.pages()[piece], g);
            product(q.segment(), row * D, D, keys, start, PagedCache.POSITIONS, count, scratch, scores + n, false);
            n += count;
        }
        VectorMath.scale(scratch, scores, n, (float) heads.scale());
        float max = VectorMath.max(scratch, scores, n);
        float sum = VectorMath.expInPlace(scratch, scores, n, max);
        int at = 0;
        for (int piece = 0; piece < sequence.pages().length; piece++) {
            int count = sequence.counts()[piece];
            long start = cache.start(sequence.pages()[piece], g);
            product(scratch, scores + at, count, values, start, D, D, y.segment(), row * D, piece > 0);
            at += count;
        }
        VectorMath.scale(y.segment(), row * D, D, 1 / sum);
    }

    void backward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        var workers = new VectorAttentionBackward[team.size()];
        int longest = longest(op.segments());
        Arrays.setAll(workers, _ -> new VectorAttentionBackward(op, y, dy, dq, dk, dv, longest, arena));
        team.forEach(
                op.segments().count() * op.heads().keyValue(),
                (chunk, worker) -> workers[worker].run(group(chunk, op.segments(), op.heads())));
    }

    /** {@code c[j] (+)= sum over k of a[k] * b[k, j]} for a row of c: each element one chain over k. */
    private static void product(
            MemorySegment aData,
            long a,
            int depth,
            MemorySegment bData,
            long b,
            int bRow,
            int cols,
            MemorySegment cData,
            long c,
            boolean add) {
        long next = (long) LANES * Float.BYTES;
        long row = (long) bRow * Float.BYTES;
        int j = 0;
        for (; j <= cols - 2 * LANES; j += 2 * LANES) {
            FloatVector c0 = add ? load(cData, c + j) : FloatVector.zero(S);
            FloatVector c1 = add ? load(cData, c + j + LANES) : FloatVector.zero(S);
            long at = (b + j) * Float.BYTES;
            long from = a * Float.BYTES;
            for (int k = 0; k < depth; k++) {
                FloatVector x = FloatVector.broadcast(S, aData.get(FLOAT, from));
                c0 = x.fma(FloatVector.fromMemorySegment(S, bData, at, ORDER), c0);
                c1 = x.fma(FloatVector.fromMemorySegment(S, bData, at + next, ORDER), c1);
                from += Float.BYTES;
                at += row;
            }
            store(c0, cData, c + j);
            store(c1, cData, c + j + LANES);
        }
        for (; j < cols; j += LANES) {
            int room = bRow - j; // what lies beyond cols in a row is read, and not stored
            FloatVector c0 = add ? load(cData, c + j, cols - j) : FloatVector.zero(S);
            for (int k = 0; k < depth; k++) {
                FloatVector x = FloatVector.broadcast(S, aData.get(FLOAT, (a + k) * Float.BYTES));
                c0 = x.fma(load(bData, b + (long) k * bRow + j, room), c0);
            }
            store(c0, cData, c + j, cols - j);
        }
    }

    private static int longest(Segments segments) {
        int longest = 1;
        for (int s = 0; s < segments.count(); s++) {
            longest = Math.max(longest, segments.length(s));
        }
        return longest;
    }
}
