package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels over the rows of a matrix: norms, rotations, and rows that are looked up or added to. */
final class RowKernels {

    /** Threads of one group, which share a row. */
    static final int GROUP = 64;

    /** Rows are added to in so many shares, each by threads of its own. */
    static final int SHARES = 64;

    private RowKernels() {}

    /** A group for each row; p: C, x, w, y, rstd; s: epsilon. */
    static void kRmsNorm(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int lid = c.localIdx;
        int t = c.groupIdx;
        int C = p.get(0);
        int x = p.get(1) + t * C;
        float[] parts = c.allocateFloatLocalArray(GROUP);
        float squares = 0f;
        for (int i = lid; i < C; i += GROUP) {
            squares += m.get(x + i) * m.get(x + i);
        }
        parts[lid] = squares;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        c.localBarrier();
        float rstd = 1f / TornadoMath.sqrt(parts[0] / C + s.get(0));
        for (int i = lid; i < C; i += GROUP) {
            m.set(p.get(3) + t * C + i, m.get(x + i) * rstd * m.get(p.get(2) + i));
        }
        if (lid == 0) {
            m.set(p.get(4) + t, rstd);
        }
    }

    /** A group for each row; p: C, x, w, rstd, dy, dx. */
    static void kRmsNormInput(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int t = c.groupIdx;
        int C = p.get(0);
        int x = p.get(1) + t * C;
        int dy = p.get(4) + t * C;
        float rstd = m.get(p.get(3) + t);
        float[] parts = c.allocateFloatLocalArray(GROUP);
        float sum = 0f;
        for (int i = lid; i < C; i += GROUP) {
            sum += m.get(dy + i) * m.get(p.get(2) + i) * m.get(x + i) * rstd;
        }
        parts[lid] = sum;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        c.localBarrier();
        float mean = parts[0] / C;
        for (int i = lid; i < C; i += GROUP) {
            int at = p.get(5) + t * C + i;
            float change = m.get(dy + i) * m.get(p.get(2) + i) - m.get(x + i) * rstd * mean;
            m.set(at, m.get(at) + rstd * change);
        }
    }

    /** A thread for each feature; p: C, x, T, rstd, dy, dw. */
    static void kRmsNormWeight(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        int C = p.get(0);
        if (i < C) {
            float sum = m.get(p.get(5) + i);
            for (int t = 0; t < p.get(2); t++) {
                sum += m.get(p.get(4) + t * C + i) * m.get(p.get(1) + t * C + i) * m.get(p.get(3) + t);
            }
            m.set(p.get(5) + i, sum);
        }
    }

    /**
     * Turns each pair of features, a thread for each; p: number of pairs, heads, D/2, x, y, cosines, sines, positions,
     * 1, or -1 to turn back.
     */
    static void kRope(KernelContext c, FloatArray m, IntArray p) {
        int pair = c.globalIdx;
        if (pair < p.get(0)) {
            int half = p.get(2);
            int head = pair / half;
            int i = pair - head * half;
            int position = (int) m.get(p.get(7) + head / p.get(1));
            int angle = position * half + i;
            float cos = m.get(p.get(5) + angle);
            float sin = p.get(8) * m.get(p.get(6) + angle);
            int at = head * 2 * half + i;
            float a = m.get(p.get(3) + at);
            float b = m.get(p.get(3) + at + half);
            m.set(p.get(4) + at, a * cos - b * sin);
            m.set(p.get(4) + at + half, b * cos + a * sin);
        }
    }

    /**
     * Row i of y is row rows[i] of x, a thread for each element; p: number, C, rows, x, y,
     * whether x is in panels.
     */
    static void kCopyRows(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(0)) {
            int C = p.get(1);
            int t = i / C;
            int row = (int) m.get(p.get(2) + t);
            int x = p.get(3);
            if (p.get(5) == 1) {
                x += LinearKernels.panel(row, i - t * C, C);
            } else {
                x += row * C + i - t * C;
            }
            m.set(p.get(4) + i, m.get(x));
        }
    }

    /**
     * Row rows[t] of x += row t of dy in the order of t, unless it is negative: a thread for each column and each share
     * of the rows; p: T, C, rows, dy, x, whether x is in panels.
     */
    static void kAddToRows(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        int share = c.globalIdy;
        int C = p.get(1);
        if (i < C) {
            for (int t = 0; t < p.get(0); t++) {
                int row = (int) m.get(p.get(2) + t);
                if (row >= 0 && (row & (SHARES - 1)) == share) {
                    int at = p.get(4);
                    if (p.get(5) == 1) {
                        at += LinearKernels.panel(row, i, C);
                    } else {
                        at += row * C + i;
                    }
                    m.set(at, m.get(at) + m.get(p.get(3) + t * C + i));
                }
            }
        }
    }
}
