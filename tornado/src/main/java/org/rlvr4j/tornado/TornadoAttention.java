package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.List;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.SingleMath;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Causal grouped-query attention over packed rows.
 *
 * <p>It never holds a matrix of scores: a group of threads takes a block of queries that share a key-value head, and
 * goes through the parts of {@link Lanes#POSITIONS} positions that the softmax is merged of, as FlashAttention does.
 * Keys and values come in tiles through local memory; each thread holds some rows and columns of a tile of scores or
 * results.
 *
 * @see <a href="https://arxiv.org/abs/2205.14135">Dao et al., 2022</a>
 */
final class TornadoAttention {

    /** Threads of one group, 16 in the direction of positions and features by 8 in that of queries. */
    static final int THREADS = 128;

    /** Positions of one part. */
    static final int PART = Lanes.POSITIONS;

    /** Less than every score. */
    static final float NONE = -1.0e30f;

    private static final int QUERIES = AttentionBlocks.QUERIES;
    private static final int X = 16; // threads in the direction of positions and features
    private static final int Y = 8; // threads in the direction of queries
    private static final int R = QUERIES / Y; // rows of a thread
    private static final int C = PART / X; // positions of a thread
    private static final int DEPTH = 32; // features that scores take at a time
    private static final int QUERY_PITCH = QUERIES + 1;
    private static final int KEY_PITCH = PART + 1;
    private static final int KEY_TILE = DEPTH * QUERY_PITCH; // where it begins
    private static final int LANE_PITCH = X + 1;
    private static final int WIDTH = 64; // features of the result at a time
    private static final int F = WIDTH / X; // those of a thread
    private static final int POSITIONS = 32; // positions that results take at a time
    private static final int BATCH = 8; // numbers that a thread asks for before it waits for one
    private static final int LINES = THREADS / DEPTH; // queries or keys that the group loads side by side
    private static final int WIDE_LINES = THREADS / WIDTH; // values

    private static final Kernel ATTENTION = Kernel.of(
            TornadoAttention.class,
            "kAttention",
            TornadoAttention::kAttention,
            THREADS,
            1,
            in(ACTIVATIONS, Arg.KEYS, Arg.PREFIX_KEYS),
            in(ACTIVATIONS, Arg.VALUES, Arg.PREFIX_VALUES),
            in(TABLES, Arg.BLOCKS, Arg.PIECES, Arg.SCALE),
            in(ACTIVATIONS, Arg.Q, Arg.Y, Arg.LSE));

    static final List<Kernel> KERNELS = List.of(ATTENTION);

    private final DeviceMemory memory;
    private final Lists lists;

    TornadoAttention(DeviceMemory memory, Lists lists) {
        this.memory = memory;
        this.lists = lists;
    }

    /** Arguments of the kernel: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int H = 0, G = 1, D = 2;
        static final int TOTAL = 3; // numbers of the batch's keys; those beyond are the prefix's
        static final int Q = 4, KEYS = 5, VALUES = 6, PREFIX_KEYS = 7, PREFIX_VALUES = 8, Y = 9, LSE = 10;
        static final int BLOCKS = 11, PIECES = 12, SCALE = 13;
    }

    void forward(Attention op, Buffer y) {
        var blocks = new AttentionBlocks(op.segments(), op.heads());
        int[] queries = blocks.queries();
        if (queries.length == 0) {
            return;
        }
        lists.begin();
        Heads heads = op.heads();
        Launch launch = memory.launch(ATTENTION)
                .set(Arg.H, heads.query())
                .set(Arg.G, heads.keyValue())
                .set(Arg.D, heads.size())
                .set(Arg.SCALE, lists.of(new double[] {heads.scale()}))
                .set(Arg.TOTAL, TornadoElements.count(op.k().data()))
                .read(Arg.Q, op.q().data())
                .read(Arg.KEYS, op.k().data())
                .read(Arg.VALUES, op.v().data())
                .write(Arg.Y, y)
                .write(Arg.LSE, op.lse().data())
                .set(Arg.BLOCKS, lists.of(queries))
                .set(Arg.PIECES, lists.of(blocks.pieces()));
        Attention.Prefix prefix = op.prefix();
        if (prefix != null) {
            launch.read(Arg.PREFIX_KEYS, prefix.keys().data())
                    .read(Arg.PREFIX_VALUES, prefix.values().data());
        }
        launch.runGroups((long) queries.length / AttentionBlocks.QUERY_BLOCK * heads.keyValue());
    }

    /**
     * A group for each block of queries and key-value head. Results of a part are merged with those before it in the
     * output, where each thread uses only what it wrote itself.
     */
    static void kAttention(
            KernelContext c, FloatArray ks, FloatArray vs, FloatArray lists, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int tx = lid & (X - 1);
        int ty = lid / X;
        int H = p.get(Arg.H);
        int G = p.get(Arg.G);
        int D = p.get(Arg.D);
        int perGroup = H / G;
        int block = c.groupIdx / G;
        int head = c.groupIdx - block * G;
        int about = p.get(Arg.BLOCKS) + block * AttentionBlocks.QUERY_BLOCK;
        int before = (int) lists.get(about + AttentionBlocks.BEFORE);
        int piece = (int) lists.get(about + AttentionBlocks.PIECE);
        int first = (int) lists.get(about + AttentionBlocks.FIRST);
        int rows = ((int) lists.get(about + AttentionBlocks.LENGTH)) * perGroup;
        int end = before + TornadoMath.min(first + QUERIES - 1, rows - 1) / perGroup + 1;
        float scale = lists.get(p.get(Arg.SCALE));
        float[] tile = c.allocateFloatLocalArray(QUERIES * KEY_PITCH); // queries and keys, then weights
        float[] values = c.allocateFloatLocalArray(POSITIONS * WIDTH); // lanes of maxima and sums, then values
        int[] keyPlaces = c.allocateIntLocalArray(PART);
        int[] valuePlaces = c.allocateIntLocalArray(PART);
        int[] queries = c.allocateIntLocalArray(QUERIES); // row of each query
        int[] queryPlaces = c.allocateIntLocalArray(QUERIES);
        int[] seen = c.allocateIntLocalArray(QUERIES); // positions that each query sees
        float[] shifts = c.allocateFloatLocalArray(QUERIES);
        float[] keeps = c.allocateFloatLocalArray(QUERIES);
        float[] shares = c.allocateFloatLocalArray(QUERIES);
        float[] factors = c.allocateFloatLocalArray(QUERIES);
        float[] powers = c.allocateFloatLocalArray(DeviceMath.TABLE);
        for (int i = 0; i < DeviceMath.TABLE; i += THREADS) {
            powers[i + lid] = DeviceMath.power(i + lid);
        }
        if (lid < QUERIES) {
            int row = TornadoMath.min(first + lid, rows - 1);
            int t = row / perGroup;
            int query = ((int) lists.get(about + AttentionBlocks.START) + t) * H + head * perGroup + row - t * perGroup;
            queries[lid] = query;
            queryPlaces[lid] = p.get(Arg.Q) + query * D;
            seen[lid] = 0;
            if (first + lid < rows) {
                seen[lid] = before + t + 1;
            }
        }
        float max = 0f;
        float sum = 0f;
        for (int from = 0; from < end; from += PART) {
            int position = TornadoMath.min(from + lid, end - 1); // what is beyond is computed, and not used
            while (position >= (int) lists.get(p.get(Arg.PIECES) + 2 * piece + 1)) {
                piece++;
            }
            int key = (((int) lists.get(p.get(Arg.PIECES) + 2 * piece) + position) * G + head) * D;
            int total = p.get(Arg.TOTAL);
            if (key < total) {
                keyPlaces[lid] = p.get(Arg.KEYS) + key;
                valuePlaces[lid] = p.get(Arg.VALUES) + key;
            } else {
                keyPlaces[lid] = p.get(Arg.PREFIX_KEYS) + key - total;
                valuePlaces[lid] = p.get(Arg.PREFIX_VALUES) + key - total;
            }
            float[] scores = new float[R * C];
            for (int i = 0; i < R * C; i++) {
                scores[i] = 0f;
            }
            for (int start = 0; start < D; start += DEPTH) {
                c.localBarrier();
                int column = lid & (DEPTH - 1);
                int d = TornadoMath.min(start + column, D - 1);
                for (int i = lid / DEPTH; i < QUERIES; i += BATCH * LINES) {
                    float[] batch = new float[BATCH];
                    for (int u = 0; u < BATCH; u++) {
                        batch[u] = m.get(queryPlaces[i + u * LINES] + d);
                    }
                    for (int u = 0; u < BATCH; u++) {
                        tile[column * QUERY_PITCH + i + u * LINES] = batch[u];
                    }
                }
                for (int j = lid / DEPTH; j < PART; j += BATCH * LINES) {
                    float[] batch = new float[BATCH];
                    for (int u = 0; u < BATCH; u++) {
                        batch[u] = ks.get(keyPlaces[j + u * LINES] + d);
                    }
                    for (int u = 0; u < BATCH; u++) {
                        tile[KEY_TILE + column * KEY_PITCH + j + u * LINES] = batch[u];
                    }
                }
                c.localBarrier();
                int depth = TornadoMath.min(DEPTH, D - start);
                for (int k = 0; k < depth; k++) {
                    for (int i = 0; i < R; i++) {
                        float q = tile[k * QUERY_PITCH + ty + i * Y];
                        for (int j = 0; j < C; j++) {
                            scores[i * C + j] += q * tile[KEY_TILE + k * KEY_PITCH + tx + j * X];
                        }
                    }
                }
            }
            c.localBarrier();
            for (int i = 0; i < R; i++) {
                for (int j = 0; j < C; j++) {
                    tile[(ty + i * Y) * KEY_PITCH + tx + j * X] = scores[i * C + j];
                }
            }
            for (int row = ty; row < QUERIES; row += Y) {
                float greatest = NONE;
                for (int j = tx; j < PART; j += X) {
                    if (from + j < seen[row]) {
                        greatest = TornadoMath.max(greatest, tile[row * KEY_PITCH + j]);
                    }
                }
                values[row * LANE_PITCH + tx] = greatest;
            }
            c.localBarrier();
            float shift = 0f;
            if (lid < QUERIES) {
                float greatest = NONE;
                for (int l = 0; l < X; l++) {
                    greatest = TornadoMath.max(greatest, values[lid * LANE_PITCH + l]);
                }
                shift = DeviceMath.product(greatest, scale);
                shifts[lid] = -shift;
            }
            c.localBarrier();
            for (int row = ty; row < QUERIES; row += Y) {
                float even = 0f; // lane tx of the sum, and lane tx + 16
                float odd = 0f;
                for (int j = tx; j < PART; j += X) {
                    float e = 0f;
                    if (from + j < seen[row]) {
                        float x = tile[row * KEY_PITCH + j] * scale + shifts[row];
                        float n = DeviceMath.exponent(x);
                        e = DeviceMath.fraction(x, n) * powers[(int) n + SingleMath.EXPONENT_BIAS];
                    }
                    tile[row * KEY_PITCH + j] = e;
                    float next = even + e;
                    even = odd;
                    odd = next;
                }
                values[row * LANE_PITCH + tx] = even + odd;
            }
            c.localBarrier();
            if (lid < QUERIES && from < seen[lid]) {
                for (int half = X / 2; half > 0; half >>= 1) {
                    for (int l = 0; l < half; l++) {
                        values[lid * LANE_PITCH + l] =
                                values[lid * LANE_PITCH + l] + values[lid * LANE_PITCH + l + half];
                    }
                }
                float greater = shift;
                float keep = 0f;
                if (from > 0) {
                    greater = TornadoMath.max(max, shift);
                    keep = DeviceMath.exp(max - greater);
                }
                float share = DeviceMath.exp(shift - greater);
                sum = sum * keep + DeviceMath.product(values[lid * LANE_PITCH], share);
                max = greater;
                keeps[lid] = keep;
                shares[lid] = share;
                factors[lid] = DeviceMath.quotient(1f, sum);
                if (from + PART >= seen[lid]) {
                    m.set(p.get(Arg.LSE) + queries[lid], max + DeviceMath.log(sum));
                }
            }
            int count = TornadoMath.min(PART, end - from);
            for (int start = 0; start < D; start += WIDTH) {
                float[] part = new float[R * F];
                for (int i = 0; i < R * F; i++) {
                    part[i] = 0f;
                }
                for (int b = 0; b < count; b += POSITIONS) {
                    c.localBarrier();
                    int column = lid & (WIDTH - 1);
                    int d = TornadoMath.min(start + column, D - 1);
                    for (int j = lid / WIDTH; j < POSITIONS; j += BATCH * WIDE_LINES) {
                        float[] batch = new float[BATCH];
                        for (int u = 0; u < BATCH; u++) {
                            batch[u] = vs.get(valuePlaces[b + j + u * WIDE_LINES] + d);
                        }
                        for (int u = 0; u < BATCH; u++) {
                            values[(j + u * WIDE_LINES) * WIDTH + column] = batch[u];
                        }
                    }
                    c.localBarrier();
                    for (int k = 0; k < POSITIONS; k++) {
                        for (int i = 0; i < R; i++) {
                            float e = tile[(ty + i * Y) * KEY_PITCH + b + k];
                            for (int j = 0; j < F; j++) {
                                part[i * F + j] += e * values[k * WIDTH + tx + j * X];
                            }
                        }
                    }
                }
                float[] results = new float[R * F]; // of the parts before
                for (int i = 0; i < R * F; i++) {
                    results[i] = 0f;
                }
                int to = p.get(Arg.Y);
                if (from > 0) {
                    for (int i = 0; i < R; i++) {
                        for (int j = 0; j < F; j++) {
                            int d = TornadoMath.min(start + tx + j * X, D - 1);
                            results[i * F + j] = m.get(to + queries[ty + i * Y] * D + d);
                        }
                    }
                }
                for (int i = 0; i < R; i++) {
                    int row = ty + i * Y;
                    for (int j = 0; j < F; j++) {
                        float y = results[i * F + j] * keeps[row] + DeviceMath.product(part[i * F + j], shares[row]);
                        if (from + PART >= seen[row]) {
                            y = y * factors[row];
                        }
                        results[i * F + j] = y;
                    }
                }
                for (int i = 0; i < R; i++) {
                    for (int j = 0; j < F; j++) {
                        int d = start + tx + j * X;
                        if (d < D && from < seen[ty + i * Y]) {
                            m.set(to + queries[ty + i * Y] * D + d, results[i * F + j]);
                        }
                    }
                }
            }
        }
    }
}
