package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.load;
import static org.rlvr4j.tensor.vector.VectorMath.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.math.Lanes;

/** Kernels of one pass over a row or a run of numbers. Every range is {@code from} to {@code to}. */
final class VectorRows {

    private VectorRows() {}

    static float rmsNorm(MemorySegment x, MemorySegment w, MemorySegment y, long row, int C, double epsilon) {
        float rstd = (float) (1 / Math.sqrt(VectorSums.dot(x, row, x, row, C) / C + epsilon));
        for (int i = 0; i < C; i += LANES) {
            int n = C - i;
            store(load(x, row + i, n).mul(rstd).mul(load(w, i, n)), y, row + i, n);
        }
        return rstd;
    }

    static void rmsNormBackwardInput(
            MemorySegment x, MemorySegment w, float rstd, MemorySegment dy, MemorySegment dx, long row, int C) {
        float mean = VectorSums.dot(dy, row, w, 0, x, row, C) * rstd / C;
        for (int i = 0; i < C; i += LANES) {
            int n = C - i;
            FloatVector g = load(dy, row + i, n).mul(load(w, i, n));
            FloatVector normalized = load(x, row + i, n).mul(rstd);
            FloatVector slope = normalized.fma(FloatVector.broadcast(S, -mean), g);
            store(slope.fma(FloatVector.broadcast(S, rstd), load(dx, row + i, n)), dx, row + i, n);
        }
    }

    /** Columns from..to of {@code dw += sum over t of dy * x * rstd}, in the order of t. */
    static void rmsNormBackwardWeight(
            MemorySegment x, MemorySegment rstd, MemorySegment dy, MemorySegment dw, int T, int C, int from, int to) {
        for (int i = from; i < to; i += LANES) {
            int n = to - i;
            FloatVector sum = load(dw, i, n);
            for (long t = 0; t < T; t++) {
                long at = t * C + i;
                FloatVector normalized = load(x, at, n).mul(rstd.get(FLOAT, t * Float.BYTES));
                sum = load(dy, at, n).fma(normalized, sum);
            }
            store(sum, dw, i, n);
        }
    }

    /** Copies row n of a table in panels, of C columns. */
    static void panelRow(MemorySegment table, int n, MemorySegment y, long row, int C) {
        long from = Panels.index(n, 0, C) * Float.BYTES;
        for (int c = 0; c < C; c++) {
            y.set(FLOAT, (row + c) * Float.BYTES, table.get(FLOAT, from + (long) c * Panels.WIDTH * Float.BYTES));
        }
    }

    /** Columns from..to of {@code db += sum over t of dy}, in the order of t. */
    static void sumRows(MemorySegment dy, MemorySegment db, int T, int N, int from, int to) {
        for (int i = from; i < to; i += LANES) {
            int n = to - i;
            FloatVector sum = load(db, i, n);
            for (int t = 0; t < T; t++) {
                sum = sum.add(load(dy, (long) t * N + i, n));
            }
            store(sum, db, i, n);
        }
    }

    /** Rotates one head by the angles of a position: {@code sign} is 1 to rotate forward, -1 to rotate back. */
    static void rope(
            MemorySegment x, MemorySegment y, float[] cosines, float[] sines, int angles, long head, int D, int sign) {
        int half = D / 2;
        for (int i = 0; i < half; i += LANES) {
            int n = half - i;
            FloatVector cos = load(cosines, angles + i, n);
            FloatVector sin = load(sines, angles + i, n).mul(sign);
            FloatVector a = load(x, head + i, n);
            FloatVector b = load(x, head + half + i, n);
            store(a.fma(cos, b.mul(sin).neg()), y, head + i, n);
            store(b.fma(cos, a.mul(sin)), y, head + half + i, n);
        }
    }

    /*
     * The kernels from here to adamW go over whole vectors only: VectorChunks passes the end of a buffer in padded
     * copies. A mask would cost more than the arithmetic.
     */

    static void swiGlu(MemorySegment gate, MemorySegment up, MemorySegment y, long from, long to) {
        for (long i = from; i < to; i += LANES) {
            FloatVector g = load(gate, i);
            FloatVector silu = g.div(VectorMath.exp(g.neg()).add(1f));
            store(silu.mul(load(up, i)), y, i);
        }
    }

    static void swiGluBackward(
            MemorySegment gate,
            MemorySegment up,
            MemorySegment dy,
            MemorySegment dgate,
            MemorySegment dup,
            long from,
            long to) {
        FloatVector one = FloatVector.broadcast(S, 1f);
        for (long i = from; i < to; i += LANES) {
            FloatVector g = load(gate, i);
            FloatVector d = load(dy, i);
            FloatVector s = one.div(VectorMath.exp(g.neg()).add(one));
            FloatVector slope = s.mul(g.fma(one.sub(s), one));
            store(d.mul(load(up, i)).mul(slope), dgate, i);
            store(d.mul(g.mul(s)), dup, i);
        }
    }

    static void add(MemorySegment a, MemorySegment b, MemorySegment y, long from, long to) {
        for (long i = from; i < to; i += LANES) {
            store(load(a, i).add(load(b, i)), y, i);
        }
    }

    static double sumOfSquares(MemorySegment x, long from, long to) {
        double total = 0;
        for (long part = from; part < to; part += Lanes.PART) {
            total += VectorSums.dot(x, part, x, part, (int) Math.min(Lanes.PART, to - part));
        }
        return total;
    }

    static void adamW(
            MemorySegment weights,
            MemorySegment grads,
            MemorySegment m,
            MemorySegment v,
            AdamW.Scalars s,
            long from,
            long to) {
        FloatVector beta1 = FloatVector.broadcast(S, (float) s.beta1());
        FloatVector beta2 = FloatVector.broadcast(S, (float) s.beta2());
        float oneMinusBeta1 = (float) (1 - s.beta1());
        float oneMinusBeta2 = (float) (1 - s.beta2());
        FloatVector keep = FloatVector.broadcast(S, (float) s.keep());
        float gradScale = (float) s.gradScale();
        float stepSize = (float) s.stepSize();
        FloatVector rootScale = FloatVector.broadcast(S, (float) s.rootScale());
        FloatVector epsilon = FloatVector.broadcast(S, (float) s.epsilon());
        for (long i = from; i < to; i += LANES) {
            FloatVector g = load(grads, i).mul(gradScale);
            FloatVector mean = load(m, i).fma(beta1, g.mul(oneMinusBeta1));
            FloatVector square = load(v, i).fma(beta2, g.mul(g).mul(oneMinusBeta2));
            FloatVector root = square.sqrt().fma(rootScale, epsilon);
            FloatVector change = mean.mul(stepSize).div(root);
            store(mean, m, i);
            store(square, v, i);
            store(load(weights, i).fma(keep, change.neg()), weights, i);
        }
    }
}
