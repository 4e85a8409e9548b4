package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.List;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.math.SingleMath;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Gradient of attention's queries: for each block of them a chain over the positions, a tile of these at a time. */
final class TornadoAttentionQueries {

    private static final int THREADS = TornadoAttention.THREADS;
    private static final int QUERIES = AttentionBlocks.QUERIES;
    private static final int POSITIONS = 64; // of a tile
    private static final int X = 16; // threads in the direction of positions and features
    private static final int Y = 8; // threads in the direction of queries
    private static final int R = QUERIES / Y; // rows of a thread
    private static final int C = POSITIONS / X; // positions of a thread
    private static final int DEPTH = 16; // features that scores take at a time
    private static final int PITCH = QUERIES + 1;
    private static final int WIDTH = 64; // features of the gradient at a time
    private static final int F = WIDTH / X; // those of a thread
    private static final int DY_TILE = DEPTH * PITCH; // where it begins
    private static final int KEY_TILE = 2 * DEPTH * PITCH;
    private static final int VALUE_TILE = 3 * DEPTH * PITCH;
    private static final int TILES = 4 * DEPTH * PITCH;
    private static final int STEP = 32; // positions that gradients take at a time
    private static final int LINES = THREADS / DEPTH; // rows that the group loads side by side
    private static final int QUERY_BATCH = QUERIES / LINES; // rows that a thread asks for before it waits for one
    private static final int KEY_BATCH = POSITIONS / LINES;
    private static final int WIDE_LINES = THREADS / WIDTH;
    private static final int BATCH = 8;

    private static final Kernel QUERY = Kernel.of(
            TornadoAttentionQueries.class,
            "kAttentionQuery",
            TornadoAttentionQueries::kAttentionQuery,
            THREADS,
            1,
            in(ACTIVATIONS, Arg.KEYS, Arg.PREFIX_KEYS),
            in(ACTIVATIONS, Arg.VALUES, Arg.PREFIX_VALUES),
            in(TABLES, Arg.BLOCKS, Arg.PIECES, Arg.SCALE),
            in(ACTIVATIONS, Arg.Q, Arg.DY, Arg.LSE, Arg.DELTA, Arg.DQ));

    static final List<Kernel> KERNELS = List.of(QUERY);

    private final DeviceMemory memory;
    private final Lists lists;

    TornadoAttentionQueries(DeviceMemory memory, Lists lists) {
        this.memory = memory;
        this.lists = lists;
    }

    /** Arguments of the kernel: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int H = 0, G = 1, D = 2;
        static final int TOTAL = 3; // numbers of the batch's keys; those beyond are the prefix's
        static final int Q = 4, KEYS = 5, VALUES = 6, PREFIX_KEYS = 7, PREFIX_VALUES = 8;
        static final int DY = 9, LSE = 10, DELTA = 11, DQ = 12;
        static final int BLOCKS = 13, PIECES = 14, SCALE = 15;
    }

    void backward(Attention op, AttentionBlocks blocks, Buffer dy, Buffer delta, Buffer dq) {
        Heads heads = op.heads();
        int[] queries = blocks.queries();
        Launch launch = memory.launch(QUERY)
                .set(Arg.H, heads.query())
                .set(Arg.G, heads.keyValue())
                .set(Arg.D, heads.size())
                .set(Arg.SCALE, lists.of(new double[] {heads.scale()}))
                .set(Arg.TOTAL, TornadoElements.count(op.k().data()))
                .read(Arg.Q, op.q().data())
                .read(Arg.KEYS, op.k().data())
                .read(Arg.VALUES, op.v().data())
                .read(Arg.DY, dy)
                .read(Arg.LSE, op.lse().data())
                .read(Arg.DELTA, delta)
                .write(Arg.DQ, dq)
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
     * A group for each block of queries and key-value head. From one tile of positions to the next, the chains go on in
     * the gradient, where each thread uses only what it wrote itself.
     */
    static void kAttentionQuery(
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
        float[] tile = c.allocateFloatLocalArray(TILES); // of inputs by feature, then keys by position
        float[] slopes = c.allocateFloatLocalArray(QUERIES * PITCH); // gradients of scores
        int[] keyPlaces = c.allocateIntLocalArray(POSITIONS);
        int[] valuePlaces = c.allocateIntLocalArray(POSITIONS);
        int[] queryPlaces = c.allocateIntLocalArray(QUERIES); // within the queries and their gradients
        int[] seen = c.allocateIntLocalArray(QUERIES); // positions that each query sees
        float[] shifts = c.allocateFloatLocalArray(QUERIES);
        float[] deltas = c.allocateFloatLocalArray(QUERIES);
        float[] powers = c.allocateFloatLocalArray(DeviceMath.TABLE);
        for (int i = 0; i < DeviceMath.TABLE; i += THREADS) {
            powers[i + lid] = DeviceMath.power(i + lid);
        }
        if (lid < QUERIES) {
            int row = TornadoMath.min(first + lid, rows - 1);
            int t = row / perGroup;
            int query = ((int) lists.get(about + AttentionBlocks.START) + t) * H + head * perGroup + row - t * perGroup;
            queryPlaces[lid] = query * D;
            shifts[lid] = -m.get(p.get(Arg.LSE) + query);
            deltas[lid] = m.get(p.get(Arg.DELTA) + query);
            seen[lid] = 0;
            if (first + lid < rows) {
                seen[lid] = before + t + 1;
            }
        }
        for (int from = 0; from < end; from += POSITIONS) {
            if (lid < POSITIONS) {
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
            }
            float[] scores = new float[R * C];
            float[] dWeights = new float[R * C];
            for (int i = 0; i < R * C; i++) {
                scores[i] = 0f;
                dWeights[i] = 0f;
            }
            for (int start = 0; start < D; start += DEPTH) {
                c.localBarrier();
                int column = lid & (DEPTH - 1);
                int line = lid / DEPTH;
                int d = TornadoMath.min(start + column, D - 1);
                float[] batch = new float[QUERY_BATCH];
                float[] other = new float[QUERY_BATCH];
                for (int u = 0; u < QUERY_BATCH; u++) {
                    batch[u] = m.get(p.get(Arg.Q) + queryPlaces[line + u * LINES] + d);
                    other[u] = m.get(p.get(Arg.DY) + queryPlaces[line + u * LINES] + d);
                }
                for (int u = 0; u < QUERY_BATCH; u++) {
                    tile[column * PITCH + line + u * LINES] = batch[u];
                    tile[DY_TILE + column * PITCH + line + u * LINES] = other[u];
                }
                float[] keys = new float[KEY_BATCH];
                float[] values = new float[KEY_BATCH];
                for (int u = 0; u < KEY_BATCH; u++) {
                    keys[u] = ks.get(keyPlaces[line + u * LINES] + d);
                    values[u] = vs.get(valuePlaces[line + u * LINES] + d);
                }
                for (int u = 0; u < KEY_BATCH; u++) {
                    tile[KEY_TILE + column * PITCH + line + u * LINES] = keys[u];
                    tile[VALUE_TILE + column * PITCH + line + u * LINES] = values[u];
                }
                c.localBarrier();
                int depth = TornadoMath.min(DEPTH, D - start);
                for (int k = 0; k < depth; k++) {
                    for (int i = 0; i < R; i++) {
                        float q = tile[k * PITCH + ty + i * Y];
                        float dy = tile[DY_TILE + k * PITCH + ty + i * Y];
                        for (int j = 0; j < C; j++) {
                            scores[i * C + j] += q * tile[KEY_TILE + k * PITCH + tx + j * X];
                            dWeights[i * C + j] += dy * tile[VALUE_TILE + k * PITCH + tx + j * X];
                        }
                    }
                }
            }
            c.localBarrier();
            for (int i = 0; i < R; i++) {
                for (int j = 0; j < C; j++) {
                    slopes[(ty + i * Y) * PITCH + tx + j * X] = scores[i * C + j];
                    tile[(ty + i * Y) * PITCH + tx + j * X] = dWeights[i * C + j];
                }
            }
            for (int row = ty; row < QUERIES; row += Y) {
                for (int j = tx; j < POSITIONS; j += X) {
                    float slope = 0f;
                    if (from + j < seen[row]) {
                        float x = slopes[row * PITCH + j] * scale + shifts[row];
                        float n = DeviceMath.exponent(x);
                        float weight = DeviceMath.fraction(x, n) * powers[(int) n + SingleMath.EXPONENT_BIAS];
                        slope = (tile[row * PITCH + j] - deltas[row]) * weight * scale;
                    }
                    slopes[row * PITCH + j] = slope;
                }
            }
            int count = TornadoMath.min(POSITIONS, end - from);
            for (int start = 0; start < D; start += WIDTH) {
                float[] dq = new float[R * F];
                for (int i = 0; i < R * F; i++) {
                    dq[i] = 0f;
                }
                int to = p.get(Arg.DQ);
                if (from > 0) {
                    for (int i = 0; i < R; i++) {
                        for (int j = 0; j < F; j++) {
                            int d = TornadoMath.min(start + tx + j * X, D - 1);
                            dq[i * F + j] = m.get(to + queryPlaces[ty + i * Y] + d);
                        }
                    }
                }
                for (int b = 0; b < count; b += STEP) {
                    c.localBarrier();
                    int column = lid & (WIDTH - 1);
                    int d = TornadoMath.min(start + column, D - 1);
                    for (int j = lid / WIDTH; j < STEP; j += BATCH * WIDE_LINES) {
                        float[] batch = new float[BATCH];
                        for (int u = 0; u < BATCH; u++) {
                            batch[u] = ks.get(keyPlaces[b + j + u * WIDE_LINES] + d);
                        }
                        for (int u = 0; u < BATCH; u++) {
                            tile[(j + u * WIDE_LINES) * WIDTH + column] = batch[u];
                        }
                    }
                    c.localBarrier();
                    for (int k = 0; k < STEP; k++) {
                        for (int i = 0; i < R; i++) {
                            float slope = slopes[(ty + i * Y) * PITCH + b + k];
                            for (int j = 0; j < F; j++) {
                                dq[i * F + j] += slope * tile[k * WIDTH + tx + j * X];
                            }
                        }
                    }
                }
                for (int i = 0; i < R; i++) {
                    for (int j = 0; j < F; j++) {
                        int d = start + tx + j * X;
                        if (d < D && seen[ty + i * Y] > 0) {
                            m.set(to + queryPlaces[ty + i * Y] + d, dq[i * F + j]);
                        }
                    }
                }
            }
        }
    }
}
