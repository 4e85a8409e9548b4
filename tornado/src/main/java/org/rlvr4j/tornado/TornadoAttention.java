package org.rlvr4j.tornado;

import java.util.List;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Segments;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Causal grouped-query attention over packed rows and over cached ones: one kernel, so that both give the same numbers.
 *
 * <p>It never holds a matrix of scores: a group of threads for each row and head goes through the positions in blocks of
 * {@link #BLOCK}, as FlashAttention does.
 *
 * @see <a href="https://arxiv.org/abs/2205.14135">Dao et al., 2022</a>
 */
final class TornadoAttention {

    /** Positions of one block, and threads of one group. */
    static final int BLOCK = 64;

    /** Most features of a head. */
    static final int FEATURES = 256;

    private static final float NONE = -1.0e30f;
    private static final int NO_LSE = -1;
    private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(PagedCache.POSITIONS);

    private static final Kernel ATTENTION =
            Kernel.of(TornadoAttention.class, "kAttention", TornadoAttention::kAttention, BLOCK, 1);
    private static final Kernel APPEND =
            Kernel.of(TornadoAttention.class, "kCacheAppend", TornadoAttention::kCacheAppend, TornadoElements.GROUP, 1);

    static final List<Kernel> KERNELS = List.of(ATTENTION, APPEND);

    private final DeviceMemory memory;
    private final Lists lists;

    TornadoAttention(DeviceMemory memory, Lists lists) {
        this.memory = memory;
        this.lists = lists;
    }

    /** Arguments of the kernels: sizes, places of matrices and lists, and layouts of keys and values. */
    private static final class Arg {
        static final int H = 0, G = 1, D = 2, Q = 3, Y = 4, LSE = 5;
        static final int ROWS = 6; // of each row the first piece, and the number of positions that it attends to
        static final int PIECES = 7; // of each piece the offset, and the position that ends it
        static final int SHIFT = 8;
        static final int KEYS = 9, KEY_OUTER = 10, KEY_INNER = 11, KEY_SLOT = 12, KEY_FEATURE = 13;
        static final int VALUES = 14, VALUE_OUTER = 15, VALUE_INNER = 16, VALUE_SLOT = 17, VALUE_FEATURE = 18;
        static final int COUNT = 19, POSITIONS = 20, PAGES = 21, SLOTS = 22, NEW_KEYS = 23, NEW_VALUES = 24;
    }

    /**
     * Rows to compute, as lists on the device, and how places are divided into pages; see {@link #kAttention}.
     *
     * @param count  number of rows
     * @param rows   place of their list
     * @param pieces place of the list of their sequences' pieces
     * @param shift  base-2 logarithm of the places of a page
     */
    private record Rows(int count, int rows, int pieces, int shift) {}

    /**
     * Keys or values, and how the place of a position leads to a feature of it; see {@link #kAttention}.
     *
     * @param numbers all keys or all values
     * @param outer   step from one page to the next
     * @param inner   step from one head to the next
     * @param slot    step from one place of a page to the next
     * @param feature step from one feature to the next
     */
    private record Paged(Buffer numbers, int outer, int inner, int slot, int feature) {}

    void forward(Attention op, Buffer y) {
        Segments segments = op.segments();
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
        int D = op.heads().size();
        int outer = op.heads().keyValue() * D;
        var keys = new Paged(op.k().data(), outer, D, 0, 1);
        var values = new Paged(op.v().data(), outer, D, 0, 1);
        int lse = memory.write(op.lse().data());
        run(op.q().data(), y, lse, sent(rows, pieces, 0), op.heads(), keys, values);
    }

    /** For the last position of each sequence. */
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
        var keys = new Paged(cache.keys(layer), outer, page, 1, PagedCache.POSITIONS);
        var values = new Paged(cache.values(layer), outer, page, heads.size(), 1);
        run(q, y, NO_LSE, sent(rows, pieces, PAGE_SHIFT), heads, keys, values);
    }

    private Rows sent(int[] rows, int[] pieces, int shift) {
        lists.begin();
        return new Rows(rows.length / 2, lists.of(rows), lists.of(pieces), shift);
    }

    private void run(Buffer q, Buffer y, int lse, Rows rows, Heads heads, Paged keys, Paged values) {
        requireFit(heads);
        memory.launch(ATTENTION)
                .set(Arg.H, heads.query())
                .set(Arg.G, heads.keyValue())
                .set(Arg.D, heads.size())
                .set(Arg.LSE, lse)
                .set(Arg.ROWS, rows.rows)
                .set(Arg.PIECES, rows.pieces)
                .set(Arg.SHIFT, rows.shift)
                .read(Arg.KEYS, keys.numbers)
                .set(Arg.KEY_OUTER, keys.outer)
                .set(Arg.KEY_INNER, keys.inner)
                .set(Arg.KEY_SLOT, keys.slot)
                .set(Arg.KEY_FEATURE, keys.feature)
                .read(Arg.VALUES, values.numbers)
                .set(Arg.VALUE_OUTER, values.outer)
                .set(Arg.VALUE_INNER, values.inner)
                .set(Arg.VALUE_SLOT, values.slot)
                .set(Arg.VALUE_FEATURE, values.feature)
                .read(Arg.Q, q)
                .write(Arg.Y, y)
                .runGroups((long) rows.count * heads.query());
    }

    private static void requireFit(Heads heads) {
        if (heads.size() > FEATURES) {
            throw new IllegalArgumentException("heads of " + heads.size()
                    + " features do not fit the device's kernels, which have room for " + FEATURES);
        }
    }

    /**
     * A group for each row and head, over keys and values wherever they are: position j of a row's sequence has the place
     * {@code offset + j}, with the offset of the piece it lies in; and place s of a page of 2^shift places begins at
     * {@code (s >> shift) * outer + head * inner + (s & mask) * slot}. Of packed rows a page is one place, and a sequence
     * one piece.
     */
    static void kAttention(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int group = c.groupIdx;
        int H = p.get(Arg.H);
        int D = p.get(Arg.D);
        int row = group / H;
        int head = (group - row * H) / (H / p.get(Arg.G));
        int mask = (1 << p.get(Arg.SHIFT)) - 1;
        float scale = 1f / TornadoMath.sqrt((float) D);
        float[] q = c.allocateFloatLocalArray(FEATURES);
        float[] y = c.allocateFloatLocalArray(FEATURES);
        float[] shares = c.allocateFloatLocalArray(BLOCK);
        float[] parts = c.allocateFloatLocalArray(BLOCK);
        int[] values = c.allocateIntLocalArray(BLOCK);
        for (int d = lid; d < D; d += BLOCK) {
            q[d] = m.get(p.get(Arg.Q) + group * D + d);
            y[d] = 0f;
        }
        int piece = (int) m.get(p.get(Arg.ROWS) + 2 * row);
        int n = (int) m.get(p.get(Arg.ROWS) + 2 * row + 1);
        float max = NONE;
        float sum = 0f;
        for (int b = 0; b < n; b += BLOCK) {
            c.localBarrier();
            int j = b + lid;
            float score = NONE;
            if (j < n) {
                while (j >= (int) m.get(p.get(Arg.PIECES) + 2 * piece + 1)) {
                    piece++;
                }
                int place = (int) m.get(p.get(Arg.PIECES) + 2 * piece) + j;
                int page = place >> p.get(Arg.SHIFT);
                int slot = place & mask;
                int key = p.get(Arg.KEYS)
                        + page * p.get(Arg.KEY_OUTER)
                        + head * p.get(Arg.KEY_INNER)
                        + slot * p.get(Arg.KEY_SLOT);
                values[lid] = p.get(Arg.VALUES)
                        + page * p.get(Arg.VALUE_OUTER)
                        + head * p.get(Arg.VALUE_INNER)
                        + slot * p.get(Arg.VALUE_SLOT);
                float dot = 0f;
                for (int d = 0; d < D; d++) {
                    dot += q[d] * m.get(key + d * p.get(Arg.KEY_FEATURE));
                }
                score = dot * scale;
            }
            parts[lid] = score;
            for (int half = BLOCK / 2; half > 0; half >>= 1) {
                c.localBarrier();
                if (lid < half) {
                    parts[lid] = TornadoMath.max(parts[lid], parts[lid + half]);
                }
            }
            c.localBarrier();
            float top = TornadoMath.max(max, parts[0]);
            c.localBarrier();
            float share = 0f;
            if (j < n) {
                share = TornadoMath.exp(score - top);
            }
            shares[lid] = share;
            parts[lid] = share;
            for (int half = BLOCK / 2; half > 0; half >>= 1) {
                c.localBarrier();
                if (lid < half) {
                    parts[lid] += parts[lid + half];
                }
            }
            c.localBarrier();
            float keep = TornadoMath.exp(max - top);
            sum = sum * keep + parts[0];
            max = top;
            int count = TornadoMath.min(BLOCK, n - b);
            for (int d = lid; d < D; d += BLOCK) {
                float value = y[d] * keep;
                for (int i = 0; i < count; i++) {
                    value += shares[i] * m.get(values[i] + d * p.get(Arg.VALUE_FEATURE));
                }
                y[d] = value;
            }
        }
        for (int d = lid; d < D; d += BLOCK) {
            m.set(p.get(Arg.Y) + group * D + d, y[d] / sum);
        }
        if (lid == 0 && p.get(Arg.LSE) >= 0) {
            m.set(p.get(Arg.LSE) + group, max + TornadoMath.log(sum));
        }
    }

    /** Puts keys and values into pages of a cache. */
    void append(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots) {
        lists.begin();
        int n = TornadoElements.count(k);
        memory.launch(APPEND)
                .set(Arg.COUNT, n)
                .set(Arg.G, cache.heads().keyValue())
                .set(Arg.D, cache.heads().size())
                .set(Arg.POSITIONS, PagedCache.POSITIONS)
                .read(Arg.NEW_KEYS, k)
                .read(Arg.NEW_VALUES, v)
                .update(Arg.KEYS, cache.keys(layer))
                .update(Arg.VALUES, cache.values(layer))
                .set(Arg.PAGES, lists.of(pages))
                .set(Arg.SLOTS, lists.of(slots))
                .runThreads(n);
    }

    /** A thread for each element. */
    static void kCacheAppend(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int G = p.get(Arg.G);
            int D = p.get(Arg.D);
            int positions = p.get(Arg.POSITIONS);
            int b = i / (G * D);
            int g = (i - b * G * D) / D;
            int d = i - (b * G + g) * D;
            int page = (int) m.get(p.get(Arg.PAGES) + b);
            int start = (page * G + g) * D * positions;
            int slot = (int) m.get(p.get(Arg.SLOTS) + b);
            m.set(p.get(Arg.KEYS) + start + d * positions + slot, m.get(p.get(Arg.NEW_KEYS) + i));
            m.set(p.get(Arg.VALUES) + start + slot * D + d, m.get(p.get(Arg.NEW_VALUES) + i));
        }
    }
}
