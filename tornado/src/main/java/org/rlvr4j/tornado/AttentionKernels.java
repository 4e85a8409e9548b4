package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Causal grouped-query attention, never holding a matrix of scores: a group of threads for each row and head goes
 * through the positions in blocks of {@link #BLOCK}, as FlashAttention does.
 *
 * @see <a href="https://arxiv.org/abs/2205.14135">Dao et al., 2022</a>
 */
final class AttentionKernels {

    /** Positions of one block, and threads of one group. */
    static final int BLOCK = 64;

    /** Most features of a head. */
    static final int FEATURES = 256;

    private static final float NONE = -1.0e30f;

    private AttentionKernels() {}

    /**
     * Forward, over keys and values wherever they are: position j of a row's sequence has the place {@code offset + j},
     * with the offset of the piece it lies in; and place s of a page of 2^shift places begins at {@code (s >> shift) *
     * outer + head * inner + (s & mask) * slot}. Of packed rows a page is one place, and a sequence one piece.
     *
     * <p>p: H, G, D, q, y, lse (-1 for none), rows (first piece, length), pieces (offset, end), shift,
     * keys, outer, inner, slot, feature, values, outer, inner, slot, feature.
     */
    static void kAttention(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int group = c.groupIdx;
        int H = p.get(0);
        int D = p.get(2);
        int row = group / H;
        int head = (group - row * H) / (H / p.get(1));
        int mask = (1 << p.get(8)) - 1;
        float scale = 1f / TornadoMath.sqrt((float) D);
        float[] q = c.allocateFloatLocalArray(FEATURES);
        float[] y = c.allocateFloatLocalArray(FEATURES);
        float[] shares = c.allocateFloatLocalArray(BLOCK);
        float[] parts = c.allocateFloatLocalArray(BLOCK);
        int[] values = c.allocateIntLocalArray(BLOCK);
        for (int d = lid; d < D; d += BLOCK) {
            q[d] = m.get(p.get(3) + group * D + d);
            y[d] = 0f;
        }
        int piece = (int) m.get(p.get(6) + 2 * row);
        int n = (int) m.get(p.get(6) + 2 * row + 1);
        float max = NONE;
        float sum = 0f;
        for (int b = 0; b < n; b += BLOCK) {
            c.localBarrier();
            int j = b + lid;
            float score = NONE;
            if (j < n) {
                while (j >= (int) m.get(p.get(7) + 2 * piece + 1)) {
                    piece++;
                }
                int place = (int) m.get(p.get(7) + 2 * piece) + j;
                int page = place >> p.get(8);
                int slot = place & mask;
                int key = p.get(9) + page * p.get(10) + head * p.get(11) + slot * p.get(12);
                values[lid] = p.get(14) + page * p.get(15) + head * p.get(16) + slot * p.get(17);
                float dot = 0f;
                for (int d = 0; d < D; d++) {
                    dot += q[d] * m.get(key + d * p.get(13));
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
                    value += shares[i] * m.get(values[i] + d * p.get(18));
                }
                y[d] = value;
            }
        }
        for (int d = lid; d < D; d += BLOCK) {
            m.set(p.get(4) + group * D + d, y[d] / sum);
        }
        if (lid == 0 && p.get(5) >= 0) {
            m.set(p.get(5) + group, max + TornadoMath.log(sum));
        }
    }

    /** {@code delta = dy . y} of each row and head; p: D, dy, y, delta. */
    static void kAttentionDelta(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int group = c.groupIdx;
        int D = p.get(0);
        float[] parts = c.allocateFloatLocalArray(BLOCK);
        float sum = 0f;
        for (int d = lid; d < D; d += BLOCK) {
            sum += m.get(p.get(1) + group * D + d) * m.get(p.get(2) + group * D + d);
        }
        parts[lid] = sum;
        for (int half = BLOCK / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        if (lid == 0) {
            m.set(p.get(3) + group, parts[0]);
        }
    }

    /**
     * Gradient of the queries, a group for each row and head; p: H, G, D, q, k, v, dy, lse, delta, dq, rows' sequences'
     * starts.
     */
    static void kAttentionQuery(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int group = c.groupIdx;
        int H = p.get(0);
        int G = p.get(1);
        int D = p.get(2);
        int t = group / H;
        int head = (group - t * H) / (H / G);
        float scale = 1f / TornadoMath.sqrt((float) D);
        float[] q = c.allocateFloatLocalArray(FEATURES);
        float[] dy = c.allocateFloatLocalArray(FEATURES);
        float[] dq = c.allocateFloatLocalArray(FEATURES);
        float[] ds = c.allocateFloatLocalArray(BLOCK);
        for (int d = lid; d < D; d += BLOCK) {
            q[d] = m.get(p.get(3) + group * D + d);
            dy[d] = m.get(p.get(6) + group * D + d);
            dq[d] = 0f;
        }
        float lse = m.get(p.get(7) + group);
        float delta = m.get(p.get(8) + group);
        for (int b = (int) m.get(p.get(10) + t); b <= t; b += BLOCK) {
            c.localBarrier();
            int j = b + lid;
            float slope = 0f;
            if (j <= t) {
                int at = (j * G + head) * D;
                float score = 0f;
                float dp = 0f;
                for (int d = 0; d < D; d++) {
                    score += q[d] * m.get(p.get(4) + at + d);
                    dp += dy[d] * m.get(p.get(5) + at + d);
                }
                slope = TornadoMath.exp(score * scale - lse) * (dp - delta) * scale;
            }
            ds[lid] = slope;
            c.localBarrier();
            int count = TornadoMath.min(BLOCK, t + 1 - b);
            for (int d = lid; d < D; d += BLOCK) {
                float value = dq[d];
                for (int i = 0; i < count; i++) {
                    value += ds[i] * m.get(p.get(4) + ((b + i) * G + head) * D + d);
                }
                dq[d] = value;
            }
        }
        for (int d = lid; d < D; d += BLOCK) {
            m.set(p.get(9) + group * D + d, dq[d]);
        }
    }

    /**
     * Gradients of keys and values, a group for each row and key-value head; p: H, G, D, q, k, v, dy, lse, delta, dk, dv,
     * rows' sequences' ends.
     */
    static void kAttentionKey(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int group = c.groupIdx;
        int H = p.get(0);
        int G = p.get(1);
        int D = p.get(2);
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
            k[d] = m.get(p.get(4) + group * D + d);
            v[d] = m.get(p.get(5) + group * D + d);
            dk[d] = 0f;
            dv[d] = 0f;
        }
        int end = (int) m.get(p.get(11) + j);
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
                        score += m.get(p.get(3) + row * D + d) * k[d];
                        dp += m.get(p.get(6) + row * D + d) * v[d];
                    }
                    share = TornadoMath.exp(score * scale - m.get(p.get(7) + row));
                    slope = share * (dp - m.get(p.get(8) + row)) * scale;
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
                        key += ds[i] * m.get(p.get(3) + at);
                        value += shares[i] * m.get(p.get(6) + at);
                    }
                    dk[d] = key;
                    dv[d] = value;
                }
            }
        }
        for (int d = lid; d < D; d += BLOCK) {
            int at = group * D + d;
            m.set(p.get(9) + at, dk[d]);
            m.set(p.get(10) + at, dv[d]);
        }
    }

    /**
     * Puts keys and values into pages, a thread for each element; p: number, G, D, positions of a page, k, v, keys,
     * values, pages, slots.
     */
    static void kCacheAppend(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            int G = p.get(1);
            int D = p.get(2);
            int positions = p.get(3);
            int b = i / (G * D);
            int g = (i - b * G * D) / D;
            int d = i - (b * G + g) * D;
            int page = (int) m.get(p.get(8) + b);
            int start = (page * G + g) * D * positions;
            int slot = (int) m.get(p.get(9) + b);
            m.set(p.get(6) + start + d * positions + slot, m.get(p.get(4) + i));
            m.set(p.get(7) + start + slot * D + d, m.get(p.get(5) + i));
        }
    }
}
