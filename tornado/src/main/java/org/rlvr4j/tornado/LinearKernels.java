package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products in tiles of 16 by 16: one group of threads per tile, one thread per element.
 *
 * <p>Each element is one chain of additions in the order of the summed index, whatever the other sizes are; so a row's
 * numbers do not depend on the rows beside it. {@code m} is the device's memory, {@code p} the control array.
 */
final class LinearKernels {

    static final int TILE = 16;

    private LinearKernels() {}

    /** {@code y = x W' + b}; p: T, K, N, x, w, bias (-1 for none), y. */
    static void kLinear(KernelContext c, FloatArray m, IntArray p) {
        int tr = c.localIdx;
        int tc = c.localIdy;
        int t = TILE * c.groupIdx + tr;
        int n = TILE * c.groupIdy + tc;
        int T = p.get(0);
        int K = p.get(1);
        int N = p.get(2);
        float[] xs = c.allocateFloatLocalArray(TILE * TILE);
        float[] ws = c.allocateFloatLocalArray(TILE * TILE);
        float sum = 0f;
        if (p.get(5) >= 0 && n < N) {
            sum = m.get(p.get(5) + n);
        }
        for (int k0 = 0; k0 < K; k0 += TILE) {
            float x = 0f;
            float w = 0f;
            if (t < T && k0 + tc < K) {
                x = m.get(p.get(3) + t * K + k0 + tc);
            }
            if (n < N && k0 + tr < K) {
                w = m.get(p.get(4) + panel(n, k0 + tr, K));
            }
            xs[tr * TILE + tc] = x;
            ws[tr * TILE + tc] = w;
            c.localBarrier();
            for (int i = 0; i < TILE; i++) {
                sum += xs[tr * TILE + i] * ws[i * TILE + tc];
            }
            c.localBarrier();
        }
        if (t < T && n < N) {
            m.set(p.get(6) + t * N + n, sum);
        }
    }

    /** {@code dx += dy W}; p: T, K, N, dy, w, dx. */
    static void kLinearInput(KernelContext c, FloatArray m, IntArray p) {
        int tr = c.localIdx;
        int tc = c.localIdy;
        int t = TILE * c.groupIdx + tr;
        int k = TILE * c.groupIdy + tc;
        int T = p.get(0);
        int K = p.get(1);
        int N = p.get(2);
        float[] ds = c.allocateFloatLocalArray(TILE * TILE);
        float[] ws = c.allocateFloatLocalArray(TILE * TILE);
        float sum = 0f;
        if (t < T && k < K) {
            sum = m.get(p.get(5) + t * K + k);
        }
        for (int n0 = 0; n0 < N; n0 += TILE) {
            float d = 0f;
            float w = 0f;
            if (t < T && n0 + tc < N) {
                d = m.get(p.get(3) + t * N + n0 + tc);
            }
            if (k < K && n0 + tr < N) {
                w = m.get(p.get(4) + panel(n0 + tr, k, K));
            }
            ds[tr * TILE + tc] = d;
            ws[tr * TILE + tc] = w;
            c.localBarrier();
            for (int i = 0; i < TILE; i++) {
                sum += ds[tr * TILE + i] * ws[i * TILE + tc];
            }
            c.localBarrier();
        }
        if (t < T && k < K) {
            m.set(p.get(5) + t * K + k, sum);
        }
    }

    /** {@code dw += dy' x}, the sum so far continued over t; p: T, K, N, dy, x, dw. */
    static void kLinearWeight(KernelContext c, FloatArray m, IntArray p) {
        int tr = c.localIdx;
        int tc = c.localIdy;
        int n = TILE * c.groupIdx + tr;
        int k = TILE * c.groupIdy + tc;
        int T = p.get(0);
        int K = p.get(1);
        int N = p.get(2);
        float[] ds = c.allocateFloatLocalArray(TILE * TILE);
        float[] xs = c.allocateFloatLocalArray(TILE * TILE);
        float sum = 0f;
        if (n < N && k < K) {
            sum = m.get(p.get(5) + panel(n, k, K));
        }
        for (int t0 = 0; t0 < T; t0 += TILE) {
            float d = 0f;
            float x = 0f;
            if (n < N && t0 + tc < T) {
                d = m.get(p.get(3) + (t0 + tc) * N + n);
            }
            if (k < K && t0 + tr < T) {
                x = m.get(p.get(4) + (t0 + tr) * K + k);
            }
            ds[tr * TILE + tc] = d;
            xs[tr * TILE + tc] = x;
            c.localBarrier();
            for (int i = 0; i < TILE; i++) {
                sum += ds[tr * TILE + i] * xs[i * TILE + tc];
            }
            c.localBarrier();
        }
        if (n < N && k < K) {
            m.set(p.get(5) + panel(n, k, K), sum);
        }
    }

    /** {@code db += sum over t of dy}, a thread for each n; p: T, N, dy, db. */
    static void kLinearBias(KernelContext c, FloatArray m, IntArray p) {
        int n = c.globalIdx;
        int N = p.get(1);
        if (n < N) {
            float sum = m.get(p.get(3) + n);
            for (int t = 0; t < p.get(0); t++) {
                sum += m.get(p.get(2) + t * N + n);
            }
            m.set(p.get(3) + n, sum);
        }
    }

    /** {@link org.rlvr4j.tensor.Panels#index}. */
    static int panel(int n, int k, int K) {
        return ((n >> 5) * K + k) * 32 + (n & 31);
    }
}
