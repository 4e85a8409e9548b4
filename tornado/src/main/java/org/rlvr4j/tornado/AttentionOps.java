package org.rlvr4j.tornado;

import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.TensorArena;

/** Attention over packed rows and over cached ones: one kernel, so that both give the same numbers. */
final class AttentionOps {

    private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(PagedCache.POSITIONS);

    private final DeviceMemory memory;
    private final Program program;
    private final Lists lists;
    private final TensorArena scratch;

    AttentionOps(DeviceMemory memory, Lists lists, TensorArena scratch) {
        this.memory = memory;
        this.program = memory.program();
        this.lists = lists;
        this.scratch = scratch;
    }

    /** How the place of a position leads to a feature of it: see {@link AttentionKernels#kAttention}. */
    private record Layout(int outer, int inner, int slot, int feature) {}

    void forward(Buffer q, Buffer k, Buffer v, Buffer y, Buffer lse, Segments segments, Heads heads) {
        int[] rows = new int[2 * segments.total()];
        int[] pieces = new int[2 * segments.count()];
        for (int s = 0; s < segments.count(); s++) {
            pieces[2 * s] = segments.start(s);
            pieces[2 * s + 1] = segments.length(s);
            for (int t = segments.start(s); t < segments.end(s); t++) {
                rows[2 * t] = s;
                rows[2 * t + 1] = t - segments.start(s) + 1;
            }
        }
        int D = heads.size();
        var layout = new Layout(heads.keyValue() * D, D, 0, 1);
        int sums = memory.write(lse);
        run(q, y, sums, rows, pieces, 0, heads, memory.read(k), layout, memory.read(v), layout);
    }

    void cached(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] sequences, int H) {
        int count = 0;
        for (PagedCache.Sequence sequence : sequences) {
            count += sequence.pages().length;
        }
        int[] rows = new int[2 * sequences.length];
        int[] pieces = new int[2 * count];
        int piece = 0;
        for (int b = 0; b < sequences.length; b++) {
            rows[2 * b] = piece;
            int length = 0;
            for (int i = 0; i < sequences[b].pages().length; i++) {
                pieces[2 * piece] = sequences[b].pages()[i] * PagedCache.POSITIONS - length;
                length += sequences[b].counts()[i];
                pieces[2 * piece + 1] = length;
                piece++;
            }
            rows[2 * b + 1] = length;
        }
        var heads = new Heads(H, cache.heads().keyValue(), cache.heads().size());
        int page = heads.size() * PagedCache.POSITIONS;
        int outer = heads.keyValue() * page;
        var keys = new Layout(outer, page, 1, PagedCache.POSITIONS);
        var values = new Layout(outer, page, heads.size(), 1);
        int k = memory.read(cache.keys(layer));
        run(q, y, -1, rows, pieces, PAGE_SHIFT, heads, k, keys, memory.read(cache.values(layer)), values);
    }

    private void run(
            Buffer q,
            Buffer y,
            int lse,
            int[] rows,
            int[] pieces,
            int shift,
            Heads heads,
            int k,
            Layout keys,
            int v,
            Layout values) {
        requireFit(heads);
        program.run(
                Kernel.ATTENTION,
                (long) rows.length / 2 * heads.query(),
                1,
                heads.query(),
                heads.keyValue(),
                heads.size(),
                memory.read(q),
                memory.write(y),
                lse,
                lists.of(rows),
                lists.of(pieces),
                shift,
                k,
                keys.outer,
                keys.inner,
                keys.slot,
                keys.feature,
                v,
                values.outer,
                values.inner,
                values.slot,
                values.feature);
    }

    private static void requireFit(Heads heads) {
        if (heads.size() > AttentionKernels.FEATURES) {
            throw new IllegalArgumentException(
                    "heads of " + heads.size() + " features do not fit the device's kernels, " + "which have room for "
                            + AttentionKernels.FEATURES);
        }
    }

    void backward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        Heads heads = op.heads();
        Segments segments = op.segments();
        int T = segments.total();
        int H = heads.query();
        int G = heads.keyValue();
        int D = heads.size();
        int[] starts = new int[T];
        int[] ends = new int[T];
        for (int s = 0; s < segments.count(); s++) {
            for (int t = segments.start(s); t < segments.end(s); t++) {
                starts[t] = segments.start(s);
                ends[t] = segments.end(s);
            }
        }
        int q = memory.read(op.q().data());
        int k = memory.read(op.k().data());
        int v = memory.read(op.v().data());
        int d = memory.read(dy);
        int lse = memory.read(op.lse().data());
        int delta = memory.write(scratch.allocate((long) T * H));
        program.run(Kernel.ATTENTION_DELTA, (long) T * H, 1, D, d, memory.read(y), delta);
        int first = lists.of(starts);
        int last = lists.of(ends);
        program.run(Kernel.ATTENTION_QUERY, (long) T * H, 1, H, G, D, q, k, v, d, lse, delta, memory.write(dq), first);
        int key = memory.write(dk);
        int value = memory.write(dv);
        program.run(Kernel.ATTENTION_KEY, (long) T * G, 1, H, G, D, q, k, v, d, lse, delta, key, value, last);
    }

    void append(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots) {
        int n = TornadoBackend.count(k);
        program.run(
                Kernel.CACHE_APPEND,
                TornadoBackend.elements(n),
                1,
                n,
                cache.heads().keyValue(),
                cache.heads().size(),
                PagedCache.POSITIONS,
                memory.read(k),
                memory.read(v),
                memory.update(cache.keys(layer)),
                memory.update(cache.values(layer)),
                lists.of(pages),
                lists.of(slots));
    }
}
