package org.rlvr4j.tornado;

import java.util.List;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.TensorArena;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Gradients of attention over packed rows, by the formula of {@link Attention#backward}, in blocks of positions. */
final class TornadoAttentionBackward {

    private static final int BLOCK = TornadoAttention.BLOCK;
    private static final int FEATURES = TornadoAttention.FEATURES;

    private static final Kernel DELTA = kernel("kAttentionDelta", TornadoAttentionBackward::kAttentionDelta);
    private static final Kernel QUERY = kernel("kAttentionQuery", TornadoAttentionBackward::kAttentionQuery);
    private static final Kernel KEY = kernel("kAttentionKey", TornadoAttentionBackward::kAttentionKey);

    static final List<Kernel> KERNELS = List.of(DELTA, QUERY, KEY);

    private final DeviceMemory memory;
    private final Lists lists;
    private final TensorArena scratch;

    TornadoAttentionBackward(DeviceMemory memory, Lists lists, TensorArena scratch) {
        this.memory = memory;
        this.lists = lists;
        this.scratch = scratch;
    }

    private static Kernel kernel(String name, Task3<KernelContext, FloatArray, IntArray> method) {
        return Kernel.of(TornadoAttentionBackward.class, name, method, BLOCK, 1);
    }

    /** Arguments of the kernels: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int H = 0, G = 1, D = 2;
        static final int Q = 3, K = 4, V = 5, Y = 6, DY = 7, LSE = 8, DELTA = 9;
        static final int STARTS = 10, ENDS = 11; // of each row's sequence
        static final int DQ = 12, DK = 13, DV = 14;
    }

    void backward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        Heads heads = op.heads();
        Segments segments = op.segments();
        int T = segments.total();
        int H = heads.query();
        int[] starts = new int[T];
        int[] ends = new int[T];
        for (int s = 0; s < segments.count(); s++) {
            for (int t = segments.start(s); t < segments.end(s); t++) {
                starts[t] = segments.start(s);
                ends[t] = segments.end(s);
            }
        }
        lists.begin();
        scratch.release();
        Buffer delta = scratch.allocate((long) T * H);
        memory.launch(DELTA)
                .set(Arg.D, heads.size())
                .read(Arg.DY, dy)
                .read(Arg.Y, y)
                .write(Arg.DELTA, delta)
                .runGroups((long) T * H);
        reading(QUERY, op, dy, delta)
                .set(Arg.STARTS, lists.of(starts))
                .write(Arg.DQ, dq)
                .runGroups((long) T * H);
        reading(KEY, op, dy, delta)
                .set(Arg.ENDS, lists.of(ends))
                .write(Arg.DK, dk)
                .write(Arg.DV, dv)
                .runGroups((long) T * heads.keyValue());
    }

    /** Launch of a kernel that computes scores again, with what it reads. */
    private Launch reading(Kernel kernel, Attention op, Buffer dy, Buffer delta) {
        return memory.launch(kernel)
                .set(Arg.H, op.heads().query())
                .set(Arg.G, op.heads().keyValue())
                .set(Arg.D, op.heads().size())
                .read(Arg.Q, op.q().data())
                .read(Arg.K, op.k().data())
                .read(Arg.V, op.v().data())
                .read(Arg.DY, dy)
                .read(Arg.LSE, op.lse().data())
                .read(Arg.DELTA, delta);
    }

    /** {@code delta = dy . y}, a group for each row and head. */
    static void kAttentionDelta(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int group = c.groupIdx;
        int D = p.get(Arg.D);
        float[] parts = c.allocateFloatLocalArray(BLOCK);
        float sum = 0f;
        for (int d = lid; d < D; d += BLOCK) {
            sum += m.get(p.get(Arg.DY) + group * D + d) * m.get(p.get(Arg.Y) + group * D + d);
        }
        parts[lid] = sum;
        for (int half = BLOCK / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        if (lid == 0) {
            m.set(p.get(Arg.DELTA) + group, parts[0]);
        }
    }

    /** Gradient of the queries, a group for each row and head. */
    static void kAttentionQuery(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int group = c.groupIdx;
        int H = p.get(Arg.H);
        int G = p.get(Arg.G);
        int D = p.get(Arg.D);
        int t = group / H;
        int head = (group - t * H) / (H / G);
        float scale = 1f / TornadoMath.sqrt((float) D);
        float[] q = c.allocateFloatLocalArray(FEATURES);
        float[] dy = c.allocateFloatLocalArray(FEATURES);
        float[] dq = c.allocateFloatLocalArray(FEATURES);
        float[] ds = c.allocateFloatLocalArray(BLOCK);
        for (int d = lid; d < D; d += BLOCK) {
            q[d] = m.get(p.get(Arg.Q) + group * D + d);
            dy[d] = m.get(p.get(Arg.DY) + group * D + d);
            dq[d] = 0f;
        }
        float lse = m.get(p.get(Arg.LSE) + group);
        float delta = m.get(p.get(Arg.DELTA) + group);
        for (int b = (int) m.get(p.get(Arg.STARTS) + t); b <= t; b += BLOCK) {
            c.localBarrier();
            int j = b + lid;
            float slope = 0f;
            if (j <= t) {
                int at = (j * G + head) * D;
                float score = 0f;
                float dp = 0f;
                for (int d = 0; d < D; d++) {
                    score += q[d] * m.get(p.get(Arg.K) + at + d);
                    dp += dy[d] * m.get(p.get(Arg.V) + at + d);
                }
                slope = TornadoMath.exp(score * scale - lse) * (dp - delta) * scale;
            }
            ds[lid] = slope;
            c.localBarrier();
            int count = TornadoMath.min(BLOCK, t + 1 - b);
            for (int d = lid; d < D; d += BLOCK) {
                float value = dq[d];
                for (int i = 0; i < count; i++) {
                    value += ds[i] * m.get(p.get(Arg.K) + ((b + i) * G + head) * D + d);
                }
                dq[d] = value;
            }
        }
        for (int d = lid; d < D; d += BLOCK) {
            m.set(p.get(Arg.DQ) + group * D + d, dq[d]);
        }
    }

    /** Gradients of keys and values, a group for each row and key-value head. */
    static void kAttentionKey(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int group = c.groupIdx;
        int H = p.get(Arg.H);
        int G = p.get(Arg.G);
        int D = p.get(Arg.D);
        int j = group / G;
        int head = group - j * G;
        float scale = 1f / TornadoMath.sqrt((float) D);
        float[] k = c.allocateFloatLocalArray(FEATURES);
        float[] v = c.allocateFloatLocalArray(FEATURES);
        float[] dk = c.allocateFloatLocalArray(FEATURES);
        float[] dv = c.allocateFloatLocalArray(FEATURES);
        float[] shares = c.allocateFloatLocalArray(BLOCK);
        float[] ds = c.allocateFloatLocalArray(BLOCK);
        for (int d = lid; d < D; d += BLOCK) {
            k[d] = m.get(p.get(Arg.K) + group * D + d);
            v[d] = m.get(p.get(Arg.V) + group * D + d);
            dk[d] = 0f;
            dv[d] = 0f;
        }
        int end = (int) m.get(p.get(Arg.ENDS) + j);
        for (int h = head * (H / G); h < (head + 1) * (H / G); h++) {
            for (int b = j; b < end; b += BLOCK) {
                c.localBarrier();
                int t = b + lid;
                float share = 0f;
                float slope = 0f;
                if (t < end) {
                    int row = t * H + h;
                    float score = 0f;
                    float dp = 0f;
                    for (int d = 0; d < D; d++) {
                        score += m.get(p.get(Arg.Q) + row * D + d) * k[d];
                        dp += m.get(p.get(Arg.DY) + row * D + d) * v[d];
                    }
                    share = TornadoMath.exp(score * scale - m.get(p.get(Arg.LSE) + row));
                    slope = share * (dp - m.get(p.get(Arg.DELTA) + row)) * scale;
                }
                shares[lid] = share;
                ds[lid] = slope;
                c.localBarrier();
                int count = TornadoMath.min(BLOCK, end - b);
                for (int d = lid; d < D; d += BLOCK) {
                    float key = dk[d];
                    float value = dv[d];
                    for (int i = 0; i < count; i++) {
                        int at = ((b + i) * H + h) * D + d;
                        key += ds[i] * m.get(p.get(Arg.Q) + at);
                        value += shares[i] * m.get(p.get(Arg.DY) + at);
                    }
                    dk[d] = key;
                    dv[d] = value;
                }
            }
        }
        for (int d = lid; d < D; d += BLOCK) {
            int at = group * D + d;
            m.set(p.get(Arg.DK) + at, dk[d]);
            m.set(p.get(Arg.DV) + at, dv[d]);
        }
    }
}
