package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.List;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.math.SingleMath;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention of the last position of each sequence, over keys and values in pages of a cache, with the bits of
 * {@link TornadoAttention}. A group of threads takes the queries of one sequence that share a key-value head, so that
 * keys and values are read once.
 */
final class TornadoCachedAttention {

    /** Most features of a head: so many of each query stay in local memory. */
    private static final int FEATURES = 256;

    private static final int THREADS = TornadoAttention.THREADS;
    private static final int PART = TornadoAttention.PART;
    private static final int QUERIES = 8; // of a group
    private static final int X = THREADS / QUERIES; // threads of a query
    private static final int PITCH = PART + 1;
    private static final int LANE_PITCH = X + 1;
    private static final int WIDTH = 64; // features of the result at a time
    private static final int F = WIDTH / X; // those of a thread
    private static final int POSITIONS = 32; // positions that results take at a time
    private static final int BATCH = 8; // numbers that a thread asks for before it waits for one
    private static final int LINES = THREADS / WIDTH; // values that the group loads side by side
    private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(PagedCache.POSITIONS);

    private static final Kernel ATTENTION = kernel("kCachedAttention", 0);
    private static final Kernel ATTENTION_BFLOAT16 = kernel("kCachedAttentionBfloat16", 1);

    static final List<Kernel> KERNELS = List.of(ATTENTION, ATTENTION_BFLOAT16);

    private final DeviceMemory memory;
    private final Lists lists;

    TornadoCachedAttention(DeviceMemory memory, Lists lists) {
        this.memory = memory;
        this.lists = lists;
    }

    /** Arguments of the kernels: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int H = 0, G = 1, D = 2, Q = 3, KEYS = 4, VALUES = 5, Y = 6;
        static final int ROWS = 7; // of each sequence the first piece, and the number of positions
        static final int PIECES = 8; // of each piece the offset, and the position that ends it
        static final int SCALE = 9;
    }

    private static Kernel kernel(String name, int isBfloat16) {
        return Kernel.ofBits(
                TornadoCachedAttention.class,
                name,
                TornadoCachedAttention::kCachedAttention,
                THREADS,
                1,
                isBfloat16,
                in(ACTIVATIONS, Arg.KEYS, Arg.VALUES),
                in(TABLES, Arg.ROWS, Arg.PIECES, Arg.SCALE),
                in(ACTIVATIONS, Arg.Q, Arg.Y));
    }

    /** For the last position of each sequence. */
    void attention(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] sequences, int H) {
        var heads = new Heads(H, cache.heads().keyValue(), cache.heads().size());
        requireFit(heads);
        if (sequences.length == 0) {
            return;
        }
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
        lists.begin();
        memory.launch(cache.keys(layer).type() == DType.BF16 ? ATTENTION_BFLOAT16 : ATTENTION)
                .set(Arg.H, heads.query())
                .set(Arg.G, heads.keyValue())
                .set(Arg.D, heads.size())
                .set(Arg.SCALE, lists.of(new double[] {heads.scale()}))
                .set(Arg.ROWS, lists.of(rows))
                .set(Arg.PIECES, lists.of(pieces))
                .read(Arg.Q, q)
                .read(Arg.KEYS, cache.keys(layer))
                .read(Arg.VALUES, cache.values(layer))
                .write(Arg.Y, y)
                .runGroups((long) sequences.length * heads.keyValue() * Math.ceilDiv(heads.perGroup(), QUERIES));
    }

    private static void requireFit(Heads heads) {
        if (heads.size() > FEATURES) {
            throw new IllegalArgumentException("heads of " + heads.size()
                    + " features do not fit the device's kernels, which have room for " + FEATURES);
        }
    }

    /** Element i of keys or values, which are read from words of two if they are bfloat16. */
    private static float cached(FloatArray cache, IntArray words, int start, int i, int isBfloat16) {
        return isBfloat16 == 1
                ? DeviceMath.widened(words.get(start + (i >> 1)) >> ((i & 1) << 4))
                : cache.get(start + i);
    }

    /**
     * A group for each sequence, key-value head and {@link #QUERIES} of its queries. Position j of a sequence has the
     * place {@code offset + j}, with the offset of the piece it lies in, and place s the page {@code s >> PAGE_SHIFT}.
     * A thread takes the scores of one position, so that keys are read side by side; then 16 threads take a query.
     *
     * @param words      the cache's bits
     * @param isBfloat16 1 or 0, for which the kernel is compiled
     */
    static void kCachedAttention(
            KernelContext c,
            FloatArray cache,
            IntArray words,
            FloatArray lists,
            FloatArray m,
            IntArray p,
            IntArray runs,
            int isBfloat16) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int tx = lid & (X - 1);
        int ty = lid / X;
        int H = p.get(Arg.H);
        int G = p.get(Arg.G);
        int D = p.get(Arg.D);
        int perGroup = H / G;
        int blocks = (perGroup + QUERIES - 1) / QUERIES;
        int b = c.groupIdx / (G * blocks);
        int head = (c.groupIdx - b * G * blocks) / blocks;
        int first = (c.groupIdx - (b * G + head) * blocks) * QUERIES;
        int query = (b * H + head * perGroup + first) * D; // features of the first query
        int rows = TornadoMath.min(QUERIES, perGroup - first);
        int piece = (int) lists.get(p.get(Arg.ROWS) + 2 * b);
        int n = (int) lists.get(p.get(Arg.ROWS) + 2 * b + 1);
        float scale = lists.get(p.get(Arg.SCALE));
        float[] queries = c.allocateFloatLocalArray(QUERIES * FEATURES);
        float[] weights = c.allocateFloatLocalArray(QUERIES * PITCH);
        float[] values = c.allocateFloatLocalArray(POSITIONS * WIDTH);
        float[] greatests = c.allocateFloatLocalArray(QUERIES * LANE_PITCH);
        float[] lanes = c.allocateFloatLocalArray(QUERIES * LANE_PITCH);
        float[] shifts = c.allocateFloatLocalArray(QUERIES);
        int[] places = c.allocateIntLocalArray(PART); // of each position's value
        float[] powers = c.allocateFloatLocalArray(DeviceMath.TABLE);
        for (int i = 0; i < DeviceMath.TABLE; i += THREADS) {
            powers[i + lid] = DeviceMath.power(i + lid);
        }
        for (int i = lid; i < QUERIES * FEATURES; i += THREADS) {
            int row = i / FEATURES;
            int d = i - row * FEATURES;
            queries[i] = 0f; // features beyond those of the heads, and queries, add nothing
            if (row < rows && d < D) {
                queries[i] = m.get(p.get(Arg.Q) + query + row * D + d);
            }
        }
        float max = 0f;
        float sum = 0f;
        for (int from = 0; from < n; from += PART) {
            c.localBarrier();
            int count = TornadoMath.min(PART, n - from);
            float[] scores = new float[QUERIES];
            for (int i = 0; i < QUERIES; i++) {
                scores[i] = 0f;
            }
            if (lid < count) {
                while (from + lid >= (int) lists.get(p.get(Arg.PIECES) + 2 * piece + 1)) {
                    piece++;
                }
                int place = (int) lists.get(p.get(Arg.PIECES) + 2 * piece) + from + lid;
                int slot = place & (PagedCache.POSITIONS - 1);
                int page = ((place >> PAGE_SHIFT) * G + head) * D * PagedCache.POSITIONS;
                places[lid] = page + slot * D;
                int key = page + slot;
                for (int start = 0; start < D; start += BATCH) {
                    float[] batch = new float[BATCH];
                    for (int u = 0; u < BATCH; u++) {
                        int i = key + TornadoMath.min(start + u, D - 1) * PagedCache.POSITIONS;
                        batch[u] = cached(cache, words, p.get(Arg.KEYS), i, isBfloat16);
                    }
                    for (int u = 0; u < BATCH; u++) {
                        for (int i = 0; i < QUERIES; i++) {
                            scores[i] += queries[i * FEATURES + start + u] * batch[u];
                        }
                    }
                }
            }
            for (int i = 0; i < QUERIES; i++) {
                weights[i * PITCH + lid] = scores[i];
            }
            c.localBarrier();
            float greatest = TornadoAttention.NONE;
            for (int j = tx; j < count; j += X) {
                greatest = TornadoMath.max(greatest, weights[ty * PITCH + j]);
            }
            greatests[ty * LANE_PITCH + tx] = greatest;
            c.localBarrier();
            for (int l = 0; l < X; l++) {
                greatest = TornadoMath.max(greatest, greatests[ty * LANE_PITCH + l]);
            }
            float shift = DeviceMath.product(greatest, scale);
            if (tx == 0) {
                shifts[ty] = -shift;
            }
            c.localBarrier();
            float even = 0f; // lane tx of the sum, and lane tx + 16
            float odd = 0f;
            for (int j = tx; j < PART; j += X) {
                float e = 0f;
                if (j < count) {
                    float x = weights[ty * PITCH + j] * scale + shifts[ty];
                    float exponent = DeviceMath.exponent(x);
                    e = DeviceMath.fraction(x, exponent) * powers[(int) exponent + SingleMath.EXPONENT_BIAS];
                }
                weights[ty * PITCH + j] = e;
                float next = even + e;
                even = odd;
                odd = next;
            }
            lanes[ty * LANE_PITCH + tx] = even + odd;
            for (int half = X / 2; half > 0; half >>= 1) {
                c.localBarrier();
                if (tx < half) {
                    lanes[ty * LANE_PITCH + tx] = lanes[ty * LANE_PITCH + tx] + lanes[ty * LANE_PITCH + tx + half];
                }
            }
            c.localBarrier();
            float greater = shift;
            float keep = 0f;
            if (from > 0) {
                greater = TornadoMath.max(max, shift);
                keep = DeviceMath.exp(max - greater);
            }
            float share = DeviceMath.exp(shift - greater);
            sum = sum * keep + DeviceMath.product(lanes[ty * LANE_PITCH], share);
            max = greater;
            float factor = DeviceMath.quotient(1f, sum);
            for (int start = 0; start < D; start += WIDTH) {
                float[] part = new float[F];
                for (int j = 0; j < F; j++) {
                    part[j] = 0f;
                }
                for (int t = 0; t < count; t += POSITIONS) {
                    c.localBarrier();
                    int column = lid & (WIDTH - 1);
                    int d = TornadoMath.min(start + column, D - 1);
                    for (int j = lid / WIDTH; j < POSITIONS; j += BATCH * LINES) {
                        float[] batch = new float[BATCH];
                        for (int u = 0; u < BATCH; u++) {
                            int i = places[TornadoMath.min(t + j + u * LINES, count - 1)] + d;
                            batch[u] = cached(cache, words, p.get(Arg.VALUES), i, isBfloat16);
                        }
                        for (int u = 0; u < BATCH; u++) {
                            values[(j + u * LINES) * WIDTH + column] = batch[u];
                        }
                    }
                    c.localBarrier();
                    for (int k = 0; k < POSITIONS; k++) {
                        float e = weights[ty * PITCH + t + k];
                        for (int j = 0; j < F; j++) {
                            part[j] += e * values[k * WIDTH + tx + j * X];
                        }
                    }
                }
                float[] results = new float[F]; // of the parts before
                int to = p.get(Arg.Y) + query + TornadoMath.min(ty, rows - 1) * D;
                for (int j = 0; j < F; j++) {
                    results[j] = 0f;
                    if (from > 0) {
                        results[j] = m.get(to + TornadoMath.min(start + tx + j * X, D - 1));
                    }
                }
                for (int j = 0; j < F; j++) {
                    float y = results[j] * keep + DeviceMath.product(part[j], share);
                    if (from + PART >= n) {
                        y = y * factor;
                    }
                    int d = start + tx + j * X;
                    if (ty < rows && d < D) {
                        m.set(to + d, y);
                    }
                }
            }
        }
    }
}
