package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorMath.FLOAT;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;
import static org.rlvr4j.tensor.VectorMath.load;
import static org.rlvr4j.tensor.VectorMath.store;

import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention, packed by tiles and cached one query after another. A score is one chain over features, an output one chain
 * over positions, and the sum of exponentials has the lanes of the positions: so a cached sequence in pages gives the
 * bits of a packed one.
 */
final class VectorAttention {

    private final ThreadTeam team;
    private final TensorArena arena;
    private final VectorAttentionForward[] forward;
    private final VectorAttentionBackward[] backward;

    VectorAttention(ThreadTeam team, TensorArena arena) {
        this.team = team;
        this.arena = arena;
        forward = Stream.generate(VectorAttentionForward::new).limit(team.size()).toArray(VectorAttentionForward[]::new);
        backward = Stream.generate(VectorAttentionBackward::new).limit(team.size()).toArray(VectorAttentionBackward[]::new);
    }

    void forward(Buffer q, Buffer k, Buffer v, Buffer y, Buffer lse, Segments segments, Heads heads) {
        long size = VectorAttentionForward.scratch(longest(segments), heads.size());
        Buffer scratch = arena.allocate(team.size() * size);
        int groups = segments.count() * heads.keyValue();
        int parts = groups == 0 ? 1 : (team.size() + groups - 1) / groups; // few long sequences serve all threads, too
        team.forEach(groups * parts, (chunk, worker) -> forward[worker].run(
                group(chunk / parts, segments, heads),
                chunk % parts,
                parts,
                q,
                k,
                v,
                y,
                lse,
                scratch.slice(worker * size, size).segment()));
    }

    private static VectorAttentionGroup group(int group, Segments segments, Heads heads) {
        int s = group / heads.keyValue();
        return new VectorAttentionGroup(segments.start(s), segments.length(s), group % heads.keyValue(), heads);
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
        Heads heads = op.heads();
        Segments segments = op.segments();
        long size = VectorAttentionBackward.scratch(longest(segments), heads.size());
        Buffer scratch = arena.allocate(team.size() * size);
        team.forEach(segments.count() * heads.keyValue(), (chunk, worker) -> backward[worker].run(
                group(chunk, segments, heads), op, y, dy, dq, dk, dv, scratch.slice(worker * size, size).segment()));
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
            VectorMask<Float> mask = S.indexInRange(j, cols);
            FloatVector c0 = add ? load(cData, c + j, mask) : FloatVector.zero(S);
            long at = (b + j) * Float.BYTES;
            long from = a * Float.BYTES;
            for (int k = 0; k < depth; k++) {
                FloatVector x = FloatVector.broadcast(S, aData.get(FLOAT, from));
                c0 = x.fma(FloatVector.fromMemorySegment(S, bData, at, ORDER, mask), c0);
                from += Float.BYTES;
                at += row;
            }
            store(c0, cData, c + j, mask);
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
