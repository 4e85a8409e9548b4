package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels with a thread for each element; the first number of the control array is how many there are. */
final class ElementKernels {

    /** Threads of one group. */
    static final int GROUP = 256;

    /** Groups that share a sum of squares, at most. */
    static final int MOST_GROUPS = 1024;

    private ElementKernels() {}

    /** p: number, gate, up, y. */
    static void kSwiGlu(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            float gate = m.get(p.get(1) + i);
            m.set(p.get(3) + i, gate / (1f + TornadoMath.exp(-gate)) * m.get(p.get(2) + i));
        }
    }

    /** p: number, gate, up, dy, dgate, dup. */
    static void kSwiGluBackward(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            float gate = m.get(p.get(1) + i);
            float dy = m.get(p.get(3) + i);
            float s = 1f / (1f + TornadoMath.exp(-gate));
            m.set(p.get(4) + i, dy * m.get(p.get(2) + i) * s * (1f + gate * (1f - s)));
            m.set(p.get(5) + i, dy * gate * s);
        }
    }

    /** p: number, a, b, y. */
    static void kAdd(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            m.set(p.get(3) + i, m.get(p.get(1) + i) + m.get(p.get(2) + i));
        }
    }

    /** p: number, x; s: factor. */
    static void kScale(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            m.set(p.get(1) + i, m.get(p.get(1) + i) * s.get(0));
        }
    }

    /** p: number, x. */
    static void kZero(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            m.set(p.get(1) + i, 0f);
        }
    }

    /** p: number, x, y. */
    static void kCopy(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            m.set(p.get(2) + i, m.get(p.get(1) + i));
        }
    }

    /** Each group adds up a share of the squares; p: number, x, sums, number of groups. */
    static void kSumOfSquares(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int n = p.get(0);
        int stride = GROUP * p.get(3);
        float[] parts = c.allocateFloatLocalArray(GROUP);
        float sum = 0f;
        for (int i = c.globalIdx; i < n; i += stride) {
            sum += m.get(p.get(1) + i) * m.get(p.get(1) + i);
        }
        parts[lid] = sum;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        if (lid == 0) {
            m.set(p.get(2) + c.groupIdx, parts[0]);
        }
    }

    /**
     * {@link org.rlvr4j.tensor.AdamW}; p: number, weights, gradients, m, v; s: beta1, 1 - beta1, beta2, 1 - beta2, epsilon,
     * gradScale, keep, stepSize, rootScale.
     */
    static void kAdamW(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            float g = m.get(p.get(2) + i) * s.get(5);
            float mean = s.get(0) * m.get(p.get(3) + i) + s.get(1) * g;
            float square = s.get(2) * m.get(p.get(4) + i) + s.get(3) * g * g;
            float root = TornadoMath.sqrt(square) * s.get(8) + s.get(4);
            float change = s.get(7) * mean / root;
            m.set(p.get(3) + i, mean);
            m.set(p.get(4) + i, square);
            m.set(p.get(1) + i, m.get(p.get(1) + i) * s.get(6) - change);
        }
    }

    /** From a staging array to the device's memory; p: number, where to. */
    static void kReceive(KernelContext c, FloatArray m, FloatArray stage, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            m.set(p.get(1) + i, stage.get(i));
        }
    }

    /** From the device's memory to a staging array; p: number, where from. */
    static void kSend(KernelContext c, FloatArray m, FloatArray stage, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            stage.set(i, m.get(p.get(1) + i));
        }
    }
}
