package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels over rows of logits: log-probability, entropy, their gradient, and the drawing of tokens. */
final class TokenKernels {

    /** Threads of one group, which share a row. */
    static final int GROUP = 256;

    private static final float NONE = -1.0e30f;

    private TokenKernels() {}

    /**
     * Divides a row of logits by the temperature, and sets the logarithm of the sum of exponentials, and the target's
     * log-probability and the entropy; p: V, z, lse, out (-1 for none), targets; s: temperature.
     */
    static void kRowStatistics(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int lid = c.localIdx;
        int row = c.groupIdx;
        int V = p.get(0);
        int z = p.get(1) + row * V;
        float[] parts = c.allocateFloatLocalArray(GROUP);
        float max = NONE;
        for (int i = lid; i < V; i += GROUP) {
            float value = m.get(z + i) / s.get(0);
            m.set(z + i, value);
            max = TornadoMath.max(max, value);
        }
        parts[lid] = max;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] = TornadoMath.max(parts[lid], parts[lid + half]);
            }
        }
        c.localBarrier();
        float top = parts[0];
        c.localBarrier();
        float sum = 0f;
        float moment = 0f;
        for (int i = lid; i < V; i += GROUP) {
            float share = TornadoMath.exp(m.get(z + i) - top);
            sum += share;
            moment += share * (m.get(z + i) - top);
        }
        parts[lid] = sum;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        c.localBarrier();
        float whole = parts[0];
        c.localBarrier();
        parts[lid] = moment;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        c.localBarrier();
        if (lid == 0) {
            float lse = top + TornadoMath.log(whole);
            m.set(p.get(2) + row, lse);
            if (p.get(3) >= 0) {
                int target = (int) m.get(p.get(4) + row);
                m.set(p.get(3) + 2 * row, m.get(z + target) - lse);
                m.set(p.get(3) + 2 * row + 1, TornadoMath.log(whole) - parts[0] / whole);
            }
        }
    }

    /**
     * {@link org.rlvr4j.tensor.LogProb#backward}, a thread for each logit; p: number, V, z, dz, lse, out, dout, targets;
     * s: temperature.
     */
    static void kLogitGradient(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            int row = i / p.get(1);
            float z = m.get(p.get(2) + i) - m.get(p.get(4) + row);
            float share = TornadoMath.exp(z);
            float hit = 0f;
            if (i - row * p.get(1) == (int) m.get(p.get(7) + row)) {
                hit = 1f;
            }
            float entropy = m.get(p.get(5) + 2 * row + 1);
            float slope =
                    m.get(p.get(6) + 2 * row) * (hit - share) - m.get(p.get(6) + 2 * row + 1) * share * (z + entropy);
            m.set(p.get(3) + i, slope / s.get(0));
        }
    }

    /**
     * Draws a token, a group for each: the first at which the cumulative probability exceeds a bound, or the most likely
     * if the bound is negative; p: V, logits, lse, rows, bounds, out (token, log-probability).
     */
    static void kDraw(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int draw = c.groupIdx;
        int V = p.get(0);
        int row = (int) m.get(p.get(3) + draw);
        int z = p.get(1) + row * V;
        float lse = m.get(p.get(2) + row);
        float bound = m.get(p.get(4) + draw);
        float[] sums = c.allocateFloatLocalArray(GROUP);
        float[] tops = c.allocateFloatLocalArray(GROUP);
        int[] places = c.allocateIntLocalArray(GROUP);
        int length = (V + GROUP - 1) / GROUP;
        int end = TornadoMath.min(V, (lid + 1) * length);
        float sum = 0f;
        float top = NONE;
        int place = 0;
        for (int i = lid * length; i < end; i++) {
            float value = m.get(z + i);
            sum += TornadoMath.exp(value - lse);
            if (value > top) {
                top = value;
                place = i;
            }
        }
        sums[lid] = sum;
        tops[lid] = top;
        places[lid] = place;
        c.localBarrier();
        if (lid == 0) {
            int token = -1;
            if (bound < 0f) {
                token = 0;
                float best = NONE;
                for (int share = 0; share < GROUP; share++) {
                    if (tops[share] > best) {
                        best = tops[share];
                        token = places[share];
                    }
                }
            } else {
                float below = 0f;
                int share = 0;
                while (share < GROUP - 1 && below + sums[share] <= bound) {
                    below += sums[share];
                    share++;
                }
                for (int i = share * length; i < V && token < 0; i++) {
                    below += TornadoMath.exp(m.get(z + i) - lse);
                    if (below > bound) {
                        token = i;
                    }
                }
                if (token < 0) {
                    token = V - 1;
                    while (token > 0 && TornadoMath.exp(m.get(z + token) - lse) == 0f) {
                        token--;
                    }
                }
            }
            m.set(p.get(5) + 2 * draw, (float) token);
            m.set(p.get(5) + 2 * draw + 1, m.get(z + token) - lse);
        }
    }
}
