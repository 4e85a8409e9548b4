package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorMath.FLOAT;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;
import static org.rlvr4j.tensor.VectorMath.load;
import static org.rlvr4j.tensor.VectorMath.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention of one query after another. A score is one chain over features, an output one chain over positions, and the
 * sum of exponentials has the lanes of the positions: so a cached sequence in pages gives the bits of a packed one.
 */
final class VectorAttention {

    private final ThreadTeam team;
    private final TensorArena arena;

    VectorAttention(ThreadTeam team, TensorArena arena) {
        this.team = team;
        this.arena = arena;
    }

    void forward(Buffer q, Buffer k, Buffer v, Buffer y, Buffer lse, Segments segments, Heads heads) {
        int D = heads.size();
        int longest = longest(segments);
        long size = (long) (D + 1) * longest;
        MemorySegment scratch = arena.allocate(team.size() * size).segment();
        team.forEach(segments.count() * heads.keyValue(), (chunk, worker) -> {
            int s = chunk / heads.keyValue();
            int g = chunk % heads.keyValue();
            int start = segments.start(s);
            int n = segments.length(s);
            long keys = worker * size;
            long scores = keys + (long) D * longest;
            int rowSize = heads.keyValue() * D;
            transpose(k.segment(), (long) start * rowSize + (long) g * D, rowSize, n, D, scratch, keys, longest);
            for (int t = 0; t < n; t++) {
                for (int h = g * heads.perGroup(); h < (g + 1) * heads.perGroup(); h++) {
                    long row = (long) (start + t) * heads.query() + h;
                    product(q.segment(), row * D, D, scratch, keys, longest, t + 1, scratch, scores, false);
                    VectorMath.scale(scratch, scores, t + 1, (float) heads.scale());
                    float max = VectorMath.max(scratch, scores, t + 1);
                    float sum = VectorMath.expInPlace(scratch, scores, t + 1, max);
                    long values = (long) start * rowSize + (long) g * D;
                    product(scratch, scores, t + 1, v.segment(), values, rowSize, D, y.segment(), row * D, false);
                    VectorMath.scale(y.segment(), row * D, D, 1 / sum);
                    lse.set(row, max + Math.log(sum));
                }
            }
        });
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
        int longest = longest(op.segments());
        long size = (long) (2 * heads.size() + 2) * longest;
        MemorySegment scratch = arena.allocate(team.size() * size).segment();
        team.forEach(op.segments().count() * heads.keyValue(), (chunk, worker) -> {
            int s = chunk / heads.keyValue();
            int g = chunk % heads.keyValue();
            backward(op, y, dy, dq, dk, dv, s, g, scratch, worker * size, longest);
        });
    }

    private static void backward(
            Attention op,
            Buffer y,
            Buffer dy,
            Buffer dq,
            Buffer dk,
            Buffer dv,
            int s,
            int g,
            MemorySegment scratch,
            long keys,
            int longest) {
        Heads heads = op.heads();
        int D = heads.size();
        int n = op.segments().length(s);
        int start = op.segments().start(s);
        int rowSize = heads.keyValue() * D;
        long first = (long) start * rowSize + (long) g * D;
        long values = keys + (long) D * longest;
        long p = values + (long) D * longest;
        long ds = p + longest;
        float scale = (float) heads.scale();
        MemorySegment q = op.q().data().segment();
        MemorySegment k = op.k().data().segment();
        transpose(k, first, rowSize, n, D, scratch, keys, longest);
        transpose(op.v().data().segment(), first, rowSize, n, D, scratch, values, longest);
        for (int t = 0; t < n; t++) {
            for (int h = g * heads.perGroup(); h < (g + 1) * heads.perGroup(); h++) {
                long row = (long) (start + t) * heads.query() + h;
                float delta = VectorMath.dot(dy.segment(), row * D, y.segment(), row * D, D);
                product(q, row * D, D, scratch, keys, longest, t + 1, scratch, p, false);
                product(dy.segment(), row * D, D, scratch, values, longest, t + 1, scratch, ds, false);
                scoreGradient(scratch, p, ds, t + 1, scale, (float) op.lse().get(row), delta);
                product(scratch, ds, t + 1, k, first, rowSize, D, dq.segment(), row * D, true);
                outer(scratch, ds, t + 1, q, row * D, D, dk.segment(), first, rowSize);
                outer(scratch, p, t + 1, dy.segment(), row * D, D, dv.segment(), first, rowSize);
            }
        }
    }

    /** From scores and dP: {@code p = exp(score * scale - lse)} and {@code ds = p * (dP - delta) * scale}, in place. */
    private static void scoreGradient(
            MemorySegment scratch, long p, long ds, int n, float scale, float lse, float delta) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = S.indexInRange(i, n);
            FloatVector e = VectorMath.exp(load(scratch, p + i, mask).mul(scale).sub(lse));
            store(e, scratch, p + i, mask);
            store(load(scratch, ds + i, mask).sub(delta).mul(e).mul(scale), scratch, ds + i, mask);
        }
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

    /** {@code c[r] += a[r] * b} for n rows of c. */
    private static void outer(
            MemorySegment aData,
            long a,
            int n,
            MemorySegment bData,
            long b,
            int cols,
            MemorySegment cData,
            long c,
            int cRow) {
        for (int j = 0; j < cols; j += LANES) {
            VectorMask<Float> mask = S.indexInRange(j, cols);
            FloatVector x = load(bData, b + j, mask);
            for (int r = 0; r < n; r++) {
                long at = c + (long) r * cRow + j;
                FloatVector factor = FloatVector.broadcast(S, get(aData, a + r));
                store(factor.fma(x, load(cData, at, mask)), cData, at, mask);
            }
        }
    }

    private static void transpose(
            MemorySegment from, long start, int row, int rows, int cols, MemorySegment to, long at, int toRow) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                float value = get(from, start + (long) r * row + c);
                to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, (at + (long) c * toRow + r) * Float.BYTES, value);
            }
        }
    }

    private static float get(MemorySegment segment, long index) {
        return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
    }

    private static int longest(Segments segments) {
        int longest = 1;
        for (int s = 0; s < segments.count(); s++) {
            longest = Math.max(longest, segments.length(s));
        }
        return longest;
    }
}
