package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.List;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.SingleMath;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Gradients of attention's keys and values: for each block of them a chain over the queries of one sequence, token by
 * token and for each token head by head.
 *
 * <p>What a sequence adds to the gradients of those that it continues is a part, computed apart. The parts of a row are
 * then added up in the order of the sequences.
 */
final class TornadoAttentionKeys {

    private static final int THREADS = TornadoAttention.THREADS;
    private static final int QUERIES = AttentionBlocks.QUERIES;
    private static final int KEYS = AttentionBlocks.KEYS;
    private static final int KEYS_X = 8; // threads in the direction of keys, for scores
    private static final int ROWS_Y = THREADS / KEYS_X; // threads in the direction of queries
    private static final int R = QUERIES / ROWS_Y; // rows of a thread
    private static final int C = KEYS / KEYS_X; // keys of a thread
    private static final int X = 16; // threads in the direction of features, for gradients
    private static final int Y = THREADS / X; // threads in the direction of keys
    private static final int K = KEYS / Y; // keys of a thread
    private static final int DEPTH = 16; // features that scores take at a time
    private static final int PITCH = QUERIES + 1;
    private static final int KEY_PITCH = KEYS + 1;
    private static final int WIDTH = 64; // features of the gradients at a time
    private static final int F = WIDTH / X; // those of a thread
    private static final int STEP = 32; // queries that gradients take at a time
    private static final int LINES = THREADS / DEPTH; // rows that the group loads side by side
    private static final int QUERY_BATCH = QUERIES / LINES; // rows that a thread asks for before it waits for one
    private static final int KEY_BATCH = KEYS / LINES;
    private static final int WIDE_LINES = THREADS / WIDTH;
    private static final int BATCH = 8;
    private static final int DY_TILE = DEPTH * PITCH; // where it begins
    private static final int KEY_TILE = 2 * DEPTH * PITCH;
    private static final int VALUE_TILE = KEY_TILE + DEPTH * KEY_PITCH;
    private static final int DY_ROWS = STEP * WIDTH;
    private static final int TILES = 2 * STEP * WIDTH; // more than the tiles of scores take

    private static final Kernel KEY = Kernel.of(
            TornadoAttentionKeys.class,
            "kAttentionKey",
            TornadoAttentionKeys::kAttentionKey,
            THREADS,
            1,
            in(ACTIVATIONS, Arg.KEYS, Arg.PREFIX_KEYS),
            in(ACTIVATIONS, Arg.VALUES, Arg.PREFIX_VALUES),
            in(TABLES, Arg.BLOCKS, Arg.PIECES, Arg.SCALE),
            in(ACTIVATIONS, Arg.Q, Arg.DY, Arg.LSE, Arg.DELTA, Arg.DK, Arg.DV, Arg.DK_PARTS, Arg.DV_PARTS));
    private static final Kernel PARTS = Kernel.of(
            TornadoAttentionKeys.class,
            "kAttentionParts",
            TornadoAttentionKeys::kAttentionParts,
            THREADS,
            1,
            in(TABLES, Arg.SUMS, Arg.PARTS),
            in(ACTIVATIONS, Arg.DK_PARTS, Arg.DV_PARTS),
            in(ACTIVATIONS, Arg.DK, Arg.DV, Arg.PREFIX_DK, Arg.PREFIX_DV));

    static final List<Kernel> KERNELS = List.of(KEY, PARTS);

    private final DeviceMemory memory;
    private final Lists lists;
    private final TensorArena scratch;

    TornadoAttentionKeys(DeviceMemory memory, Lists lists, TensorArena scratch) {
        this.memory = memory;
        this.lists = lists;
        this.scratch = scratch;
    }

    /** Arguments of the kernels: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int H = 0, G = 1, D = 2;
        static final int TOTAL = 3; // numbers of the batch's keys, or its rows; those beyond are the prefix's
        static final int Q = 4, KEYS = 5, VALUES = 6, PREFIX_KEYS = 7, PREFIX_VALUES = 8;
        static final int DY = 9, LSE = 10, DELTA = 11, DK = 12, DV = 13, DK_PARTS = 14, DV_PARTS = 15;
        static final int BLOCKS = 16, PIECES = 17, SCALE = 23;
        static final int COUNT = 18, SUMS = 19, PARTS = 20, PREFIX_DK = 21, PREFIX_DV = 22;
    }

    /** After {@code delta} was allocated in the scratch memory. */
    void backward(Attention op, AttentionBlocks blocks, Buffer dy, Buffer delta, Buffer dk, Buffer dv) {
        Heads heads = op.heads();
        long size = (long) blocks.partRows() * heads.keyValue() * heads.size();
        Buffer dkParts = scratch.allocate(size);
        Buffer dvParts = scratch.allocate(size);
        int[] keys = blocks.keys();
        Launch launch = memory.launch(KEY)
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
                .write(Arg.DK, dk)
                .write(Arg.DV, dv)
                .write(Arg.DK_PARTS, dkParts)
                .write(Arg.DV_PARTS, dvParts)
                .set(Arg.BLOCKS, lists.of(keys))
                .set(Arg.PIECES, lists.of(blocks.pieces()));
        Attention.Prefix prefix = op.prefix();
        if (prefix != null) {
            launch.read(Arg.PREFIX_KEYS, prefix.keys().data())
                    .read(Arg.PREFIX_VALUES, prefix.values().data());
        }
        launch.runGroups((long) keys.length / AttentionBlocks.KEY_BLOCK * heads.keyValue());
        if (size > 0) {
            addParts(op, blocks, dk, dv, dkParts, dvParts);
        }
    }

    private void addParts(Attention op, AttentionBlocks blocks, Buffer dk, Buffer dv, Buffer dkParts, Buffer dvParts) {
        int[] sums = blocks.sums();
        int columns = op.heads().keyValue() * op.heads().size();
        int count = Math.multiplyExact(sums.length / AttentionBlocks.SUM, columns);
        Launch launch = memory.launch(PARTS)
                .set(Arg.COUNT, count)
                .set(Arg.D, columns)
                .set(Arg.TOTAL, op.segments().total())
                .set(Arg.SUMS, lists.of(sums))
                .set(Arg.PARTS, lists.of(blocks.parts()))
                .read(Arg.DK_PARTS, dkParts)
                .read(Arg.DV_PARTS, dvParts)
                .update(Arg.DK, dk)
                .update(Arg.DV, dv);
        Attention.Prefix prefix = op.prefix();
        if (prefix != null) {
            launch.update(Arg.PREFIX_DK, prefix.keys().grad())
                    .update(Arg.PREFIX_DV, prefix.values().grad());
        }
        launch.runThreads(count);
    }

    /**
     * A group for each block of keys and key-value head. From one tile of queries to the next, the chains go on in the
     * gradients, where each thread uses only what it wrote itself.
     */
    static void kAttentionKey(
            KernelContext c, FloatArray ks, FloatArray vs, FloatArray lists, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int H = p.get(Arg.H);
        int G = p.get(Arg.G);
        int D = p.get(Arg.D);
        int perGroup = H / G;
        int block = c.groupIdx / G;
        int head = c.groupIdx - block * G;
        int about = p.get(Arg.BLOCKS) + block * AttentionBlocks.KEY_BLOCK;
        int before = (int) lists.get(about + AttentionBlocks.BEFORE);
        int piece = (int) lists.get(about + AttentionBlocks.PIECE);
        int first = (int) lists.get(about + AttentionBlocks.FIRST);
        int count = (int) lists.get(about + AttentionBlocks.COUNT);
        int to = (((int) lists.get(about + AttentionBlocks.TO)) * G + head) * D;
        int dkTo = p.get(Arg.DK) + to;
        int dvTo = p.get(Arg.DV) + to;
        if (first < before) {
            dkTo = p.get(Arg.DK_PARTS) + to;
            dvTo = p.get(Arg.DV_PARTS) + to;
        }
        int rows = ((int) lists.get(about + AttentionBlocks.LENGTH)) * perGroup;
        int firstRow = TornadoMath.max(0, first - before) * perGroup;
        float scale = lists.get(p.get(Arg.SCALE));
        float[] tile = c.allocateFloatLocalArray(TILES); // of inputs by feature, then queries and dy by row
        float[] weights = c.allocateFloatLocalArray(QUERIES * KEY_PITCH);
        float[] slopes = c.allocateFloatLocalArray(QUERIES * KEY_PITCH); // gradients of scores
        int[] keyPlaces = c.allocateIntLocalArray(KEYS);
        int[] valuePlaces = c.allocateIntLocalArray(KEYS);
        int[] queryPlaces = c.allocateIntLocalArray(QUERIES); // within the queries and the gradients of results
        int[] seen = c.allocateIntLocalArray(QUERIES); // positions that each query sees
        float[] shifts = c.allocateFloatLocalArray(QUERIES);
        float[] deltas = c.allocateFloatLocalArray(QUERIES);
        float[] powers = c.allocateFloatLocalArray(DeviceMath.TABLE);
        for (int i = 0; i < DeviceMath.TABLE; i += THREADS) {
            powers[i + lid] = DeviceMath.power(i + lid);
        }
        if (lid < KEYS) {
            int position = first + TornadoMath.min(lid, count - 1); // what is beyond is computed, and not used
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
        for (int from = firstRow; from < rows; from += QUERIES) {
            c.localBarrier();
            if (lid < QUERIES) {
                int row = TornadoMath.min(from + lid, rows - 1);
                int t = row / perGroup;
                int query =
                        ((int) lists.get(about + AttentionBlocks.START) + t) * H + head * perGroup + row - t * perGroup;
                queryPlaces[lid] = query * D;
                shifts[lid] = -m.get(p.get(Arg.LSE) + query);
                deltas[lid] = m.get(p.get(Arg.DELTA) + query);
                seen[lid] = 0;
                if (from + lid < rows) {
                    seen[lid] = before + t + 1;
                }
            }
            float[] scores = new float[R * C];
            float[] dWeights = new float[R * C];
            for (int i = 0; i < R * C; i++) {
                scores[i] = 0f;
                dWeights[i] = 0f;
            }
            int kx = lid & (KEYS_X - 1);
            int ry = lid / KEYS_X;
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
                    tile[KEY_TILE + column * KEY_PITCH + line + u * LINES] = keys[u];
                    tile[VALUE_TILE + column * KEY_PITCH + line + u * LINES] = values[u];
                }
                c.localBarrier();
                int depth = TornadoMath.min(DEPTH, D - start);
                for (int k = 0; k < depth; k++) {
                    for (int i = 0; i < R; i++) {
                        float q = tile[k * PITCH + ry + i * ROWS_Y];
                        float dy = tile[DY_TILE + k * PITCH + ry + i * ROWS_Y];
                        for (int j = 0; j < C; j++) {
                            scores[i * C + j] += q * tile[KEY_TILE + k * KEY_PITCH + kx + j * KEYS_X];
                            dWeights[i * C + j] += dy * tile[VALUE_TILE + k * KEY_PITCH + kx + j * KEYS_X];
                        }
                    }
                }
            }
            for (int i = 0; i < R; i++) {
                for (int j = 0; j < C; j++) {
                    weights[(ry + i * ROWS_Y) * KEY_PITCH + kx + j * KEYS_X] = scores[i * C + j];
                    slopes[(ry + i * ROWS_Y) * KEY_PITCH + kx + j * KEYS_X] = dWeights[i * C + j];
                }
            }
            for (int row = ry; row < QUERIES; row += ROWS_Y) {
                for (int key = kx; key < KEYS; key += KEYS_X) {
                    float weight = 0f;
                    float slope = 0f;
                    if (key < count && first + key < seen[row]) {
                        float x = weights[row * KEY_PITCH + key] * scale + shifts[row];
                        float n = DeviceMath.exponent(x);
                        weight = DeviceMath.fraction(x, n) * powers[(int) n + SingleMath.EXPONENT_BIAS];
                        slope = (slopes[row * KEY_PITCH + key] - deltas[row]) * weight * scale;
                    }
                    weights[row * KEY_PITCH + key] = weight;
                    slopes[row * KEY_PITCH + key] = slope;
                }
            }
            int tx = lid & (X - 1);
            int ty = lid / X;
            int some = TornadoMath.min(QUERIES, rows - from);
            for (int start = 0; start < D; start += WIDTH) {
                float[] dk = new float[K * F];
                float[] dv = new float[K * F];
                for (int i = 0; i < K * F; i++) {
                    dk[i] = 0f;
                    dv[i] = 0f;
                }
                if (from > firstRow) {
                    for (int i = 0; i < K; i++) {
                        for (int j = 0; j < F; j++) {
                            int d = TornadoMath.min(start + tx + j * X, D - 1);
                            int at = TornadoMath.min(ty + i * Y, count - 1) * G * D + d;
                            dk[i * F + j] = m.get(dkTo + at);
                            dv[i * F + j] = m.get(dvTo + at);
                        }
                    }
                }
                for (int b = 0; b < some; b += STEP) {
                    c.localBarrier();
                    int column = lid & (WIDTH - 1);
                    int d = TornadoMath.min(start + column, D - 1);
                    for (int i = lid / WIDTH; i < STEP; i += BATCH * WIDE_LINES) {
                        float[] batch = new float[BATCH];
                        float[] other = new float[BATCH];
                        for (int u = 0; u < BATCH; u++) {
                            batch[u] = m.get(p.get(Arg.Q) + queryPlaces[b + i + u * WIDE_LINES] + d);
                            other[u] = m.get(p.get(Arg.DY) + queryPlaces[b + i + u * WIDE_LINES] + d);
                        }
                        for (int u = 0; u < BATCH; u++) {
                            tile[(i + u * WIDE_LINES) * WIDTH + column] = batch[u];
                            tile[DY_ROWS + (i + u * WIDE_LINES) * WIDTH + column] = other[u];
                        }
                    }
                    c.localBarrier();
                    for (int k = 0; k < STEP; k++) {
                        for (int i = 0; i < K; i++) {
                            float slope = slopes[(b + k) * KEY_PITCH + ty + i * Y];
                            float weight = weights[(b + k) * KEY_PITCH + ty + i * Y];
                            for (int j = 0; j < F; j++) {
                                dk[i * F + j] += slope * tile[k * WIDTH + tx + j * X];
                                dv[i * F + j] += weight * tile[DY_ROWS + k * WIDTH + tx + j * X];
                            }
                        }
                    }
                }
                for (int i = 0; i < K; i++) {
                    for (int j = 0; j < F; j++) {
                        int d = start + tx + j * X;
                        int at = (ty + i * Y) * G * D + d;
                        if (d < D && ty + i * Y < count) {
                            m.set(dkTo + at, dk[i * F + j]);
                            m.set(dvTo + at, dv[i * F + j]);
                        }
                    }
                }
            }
        }
    }

    /** A thread for each element of the rows that parts are added to. */
    static void kAttentionParts(
            KernelContext c, FloatArray lists, FloatArray parts, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int index = c.globalIdx;
        if (index < p.get(Arg.COUNT)) {
            int columns = p.get(Arg.D);
            int total = p.get(Arg.TOTAL);
            int about = p.get(Arg.SUMS) + index / columns * AttentionBlocks.SUM;
            int column = index - index / columns * columns;
            int row = (int) lists.get(about + AttentionBlocks.ROW);
            int position = (int) lists.get(about + AttentionBlocks.POSITION);
            int part = p.get(Arg.PARTS) + (int) lists.get(about + AttentionBlocks.PART);
            int end = part + (int) lists.get(about + AttentionBlocks.PARTS);
            int prefix = (row - total) * columns + column;
            float dk = 0f;
            float dv = 0f;
            if (row >= total) {
                dk = m.get(p.get(Arg.PREFIX_DK) + prefix);
                dv = m.get(p.get(Arg.PREFIX_DV) + prefix);
            }
            for (int i = part; i < end; i++) {
                int at = ((int) lists.get(i) + position) * columns + column;
                dk += parts.get(p.get(Arg.DK_PARTS) + at);
                dv += parts.get(p.get(Arg.DV_PARTS) + at);
            }
            if (row < total) {
                int own = row * columns + column;
                m.set(p.get(Arg.DK) + own, dk + m.get(p.get(Arg.DK) + own));
                m.set(p.get(Arg.DV) + own, dv + m.get(p.get(Arg.DV) + own));
            } else {
                m.set(p.get(Arg.PREFIX_DK) + prefix, dk);
                m.set(p.get(Arg.PREFIX_DV) + prefix, dv);
            }
        }
    }
}
