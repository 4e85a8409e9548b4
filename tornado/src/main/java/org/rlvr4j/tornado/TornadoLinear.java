package org.rlvr4j.tornado;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products in tiles of 16 by 16: one group of threads per tile, one thread per element.
 *
 * <p>Each element is one chain of additions in the order of the summed index, whatever the other sizes are; so a row's
 * numbers do not depend on the rows beside it.
 */
final class TornadoLinear {

    static final int TILE = 16;

    private static final int GROUP = 64;
    private static final int NO_BIAS = -1;

    private static final Kernel LINEAR = tiled("kLinear", TornadoLinear::kLinear);
    private static final Kernel INPUT = tiled("kLinearInput", TornadoLinear::kLinearInput);
    private static final Kernel WEIGHT = tiled("kLinearWeight", TornadoLinear::kLinearWeight);
    private static final Kernel BIAS =
            Kernel.of(TornadoLinear.class, "kLinearBias", TornadoLinear::kLinearBias, GROUP, 1);

    static final List<Kernel> KERNELS = List.of(LINEAR, INPUT, WEIGHT, BIAS);

    private final DeviceMemory memory;

    TornadoLinear(DeviceMemory memory) {
        this.memory = memory;
    }

    private static Kernel tiled(String name, Task3<KernelContext, FloatArray, IntArray> method) {
        return Kernel.of(TornadoLinear.class, name, method, TILE, TILE);
    }

    /** Arguments of the kernels: sizes, and places of matrices. */
    private static final class Arg {
        static final int T = 0, K = 1, N = 2;
        static final int X = 3, W = 4, BIAS = 5, Y = 6;
        static final int DY = 7, DX = 8, DW = 9, DB = 10;
    }

    private Launch launch(Kernel kernel, int T, int K, int N) {
        return memory.launch(kernel).set(Arg.T, T).set(Arg.K, K).set(Arg.N, N);
    }

    /** {@code y = x W' + b}. */
    void product(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N) {
        launch(LINEAR, T, K, N)
                .set(Arg.BIAS, bias == null ? NO_BIAS : memory.read(bias))
                .read(Arg.X, x)
                .read(Arg.W, w)
                .write(Arg.Y, y)
                .runThreads(T, N);
    }

    static void kLinear(KernelContext c, FloatArray m, IntArray p) {
        int tr = c.localIdx;
        int tc = c.localIdy;
        int t = TILE * c.groupIdx + tr;
        int n = TILE * c.groupIdy + tc;
        int T = p.get(Arg.T);
        int K = p.get(Arg.K);
        int N = p.get(Arg.N);
        float[] xs = c.allocateFloatLocalArray(TILE * TILE);
        float[] ws = c.allocateFloatLocalArray(TILE * TILE);
        float sum = 0f;
        if (p.get(Arg.BIAS) >= 0 && n < N) {
            sum = m.get(p.get(Arg.BIAS) + n);
        }
        for (int k0 = 0; k0 < K; k0 += TILE) {
            float x = 0f;
            float w = 0f;
            if (t < T && k0 + tc < K) {
                x = m.get(p.get(Arg.X) + t * K + k0 + tc);
            }
            if (n < N && k0 + tr < K) {
                w = m.get(p.get(Arg.W) + panel(n, k0 + tr, K));
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
            m.set(p.get(Arg.Y) + t * N + n, sum);
        }
    }

    /** {@code dx += dy W}. */
    void backwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N) {
        launch(INPUT, T, K, N)
                .read(Arg.DY, dy)
                .read(Arg.W, w)
                .update(Arg.DX, dx.sum())
                .runThreads(T, K);
    }

    static void kLinearInput(KernelContext c, FloatArray m, IntArray p) {
        int tr = c.localIdx;
        int tc = c.localIdy;
        int t = TILE * c.groupIdx + tr;
        int k = TILE * c.groupIdy + tc;
        int T = p.get(Arg.T);
        int K = p.get(Arg.K);
        int N = p.get(Arg.N);
        float[] ds = c.allocateFloatLocalArray(TILE * TILE);
        float[] ws = c.allocateFloatLocalArray(TILE * TILE);
        float sum = 0f;
        if (t < T && k < K) {
            sum = m.get(p.get(Arg.DX) + t * K + k);
        }
        for (int n0 = 0; n0 < N; n0 += TILE) {
            float d = 0f;
            float w = 0f;
            if (t < T && n0 + tc < N) {
                d = m.get(p.get(Arg.DY) + t * N + n0 + tc);
            }
            if (k < K && n0 + tr < N) {
                w = m.get(p.get(Arg.W) + panel(n0 + tr, k, K));
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
            m.set(p.get(Arg.DX) + t * K + k, sum);
        }
    }

    /** {@code dw += dy' x}, the sum so far continued over t. */
    void backwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N) {
        launch(WEIGHT, T, K, N)
                .read(Arg.DY, dy)
                .read(Arg.X, x)
                .update(Arg.DW, dw.sum())
                .runThreads(N, K);
    }

    static void kLinearWeight(KernelContext c, FloatArray m, IntArray p) {
        int tr = c.localIdx;
        int tc = c.localIdy;
        int n = TILE * c.groupIdx + tr;
        int k = TILE * c.groupIdy + tc;
        int T = p.get(Arg.T);
        int K = p.get(Arg.K);
        int N = p.get(Arg.N);
        float[] ds = c.allocateFloatLocalArray(TILE * TILE);
        float[] xs = c.allocateFloatLocalArray(TILE * TILE);
        float sum = 0f;
        if (n < N && k < K) {
            sum = m.get(p.get(Arg.DW) + panel(n, k, K));
        }
        for (int t0 = 0; t0 < T; t0 += TILE) {
            float d = 0f;
            float x = 0f;
            if (n < N && t0 + tc < T) {
                d = m.get(p.get(Arg.DY) + (t0 + tc) * N + n);
            }
            if (k < K && t0 + tr < T) {
                x = m.get(p.get(Arg.X) + (t0 + tr) * K + k);
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
            m.set(p.get(Arg.DW) + panel(n, k, K), sum);
        }
    }

    /** {@code db += sum over t of dy}. */
    void backwardBias(Buffer dy, Buffer db, int T, int N) {
        memory.launch(BIAS)
                .set(Arg.T, T)
                .set(Arg.N, N)
                .read(Arg.DY, dy)
                .update(Arg.DB, db)
                .runThreads(N);
    }

    /** A thread for each n. */
    static void kLinearBias(KernelContext c, FloatArray m, IntArray p) {
        int n = c.globalIdx;
        int N = p.get(Arg.N);
        if (n < N) {
            float sum = m.get(p.get(Arg.DB) + n);
            for (int t = 0; t < p.get(Arg.T); t++) {
                sum += m.get(p.get(Arg.DY) + t * N + n);
            }
            m.set(p.get(Arg.DB) + n, sum);
        }
    }

    /** {@link org.rlvr4j.tensor.Panels#index}. */
    static int panel(int n, int k, int K) {
        return ((n >> 5) * K + k) * 32 + (n & 31);
    }
}
