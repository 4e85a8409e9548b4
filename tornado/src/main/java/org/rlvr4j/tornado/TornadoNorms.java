package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.WEIGHTS;
import static org.rlvr4j.tornado.Kernel.GRADS;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.List;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.math.Lanes;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels of the norm over a row: a thread for each lane of a row's sum, or for each column. */
final class TornadoNorms {

    private static final int LANES = Lanes.COUNT;

    /** Threads of a group, which share four rows. */
    private static final int GROUP = 4 * LANES;

    /** Columns of a group that sums over rows: one thread adds up each, the others load what it adds next. */
    private static final int COLUMNS = 32;

    private static final int LOADERS = 7; // rows that are loaded at one time
    private static final int ROWS = 8 * LOADERS; // rows of a tile
    private static final int TILE = ROWS * COLUMNS;
    private static final int COLUMN_GROUP = (1 + LOADERS) * COLUMNS;

    private static final Kernel NORM = Kernel.ofReals(
            TornadoNorms.class,
            "kRmsNorm",
            TornadoNorms::kRmsNorm,
            GROUP,
            1,
            in(WEIGHTS, Arg.W),
            in(ACTIVATIONS, Arg.X, Arg.Y, Arg.RSTD));
    private static final Kernel INPUT = Kernel.of(
            TornadoNorms.class,
            "kRmsNormInput",
            TornadoNorms::kRmsNormInput,
            GROUP,
            1,
            in(WEIGHTS, Arg.W),
            in(ACTIVATIONS, Arg.X, Arg.RSTD, Arg.DY, Arg.DX));
    private static final Kernel WEIGHT = Kernel.of(
            TornadoNorms.class,
            "kRmsNormWeight",
            TornadoNorms::kRmsNormWeight,
            COLUMN_GROUP,
            1,
            in(ACTIVATIONS, Arg.X, Arg.RSTD, Arg.DY),
            in(GRADS, Arg.DW));

    static final List<Kernel> KERNELS = List.of(NORM, INPUT, WEIGHT);

    private final DeviceMemory memory;

    TornadoNorms(DeviceMemory memory) {
        this.memory = memory;
    }

    /** Arguments of the kernels: sizes, and places of matrices. */
    private static final class Arg {
        static final int T = 0, C = 1;
        static final int X = 2, Y = 3, W = 4, RSTD = 5, DY = 6, DX = 7, DW = 8;
    }

    /** Arguments of the kernels that are real numbers. */
    private static final class Real {
        static final int EPSILON = 0; // in double precision
    }

    private Launch launch(Kernel kernel, RmsNorm op) {
        return memory.launch(kernel)
                .set(Arg.T, op.rstd().rows())
                .set(Arg.C, op.w().rows());
    }

    void forward(RmsNorm op, Buffer y) {
        Launch launch = launch(NORM, op)
                .read(Arg.X, op.x().data())
                .read(Arg.W, op.w().data())
                .write(Arg.Y, y)
                .write(Arg.RSTD, op.rstd().data());
        launch.setDouble(Real.EPSILON, op.epsilon()).runThreads((long) op.rstd().rows() * LANES);
    }

    static void kRmsNorm(KernelContext c, FloatArray weights, FloatArray m, IntArray p, FloatArray s, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int lane = lid & (LANES - 1);
        int t = c.globalIdx / LANES;
        int T = p.get(Arg.T);
        int C = p.get(Arg.C);
        float[] sums = c.allocateFloatLocalArray(GROUP);
        float sum = 0f;
        if (t < T) {
            for (int i = lane; i < C; i += LANES) {
                float x = m.get(p.get(Arg.X) + t * C + i);
                sum = x * x + sum;
            }
        }
        sums[lid] = sum;
        for (int half = LANES / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lane < half) {
                sums[lid] += sums[lid + half];
            }
        }
        c.localBarrier();
        if (t < T) {
            double mean = (double) DeviceMath.quotient(sums[lid - lane], C);
            float rstd = (float) (1.0 / TornadoMath.sqrt(mean + DeviceMath.sum(s, Real.EPSILON)));
            for (int i = lane; i < C; i += LANES) {
                float normalized = m.get(p.get(Arg.X) + t * C + i) * rstd;
                m.set(p.get(Arg.Y) + t * C + i, normalized * weights.get(p.get(Arg.W) + i));
            }
            if (lane == 0) {
                m.set(p.get(Arg.RSTD) + t, rstd);
            }
        }
    }

    void backward(RmsNorm op, Buffer dy, Buffer dx, Buffer dw) {
        launch(INPUT, op)
                .read(Arg.X, op.x().data())
                .read(Arg.W, op.w().data())
                .read(Arg.RSTD, op.rstd().data())
                .read(Arg.DY, dy)
                .update(Arg.DX, dx)
                .runThreads((long) op.rstd().rows() * LANES);
        launch(WEIGHT, op)
                .read(Arg.X, op.x().data())
                .read(Arg.RSTD, op.rstd().data())
                .read(Arg.DY, dy)
                .update(Arg.DW, dw)
                .runGroups(Math.ceilDiv(op.w().rows(), COLUMNS));
    }

    static void kRmsNormInput(KernelContext c, FloatArray weights, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int lane = lid & (LANES - 1);
        int t = c.globalIdx / LANES;
        int T = p.get(Arg.T);
        int C = p.get(Arg.C);
        float[] sums = c.allocateFloatLocalArray(GROUP);
        float sum = 0f;
        if (t < T) {
            for (int i = lane; i < C; i += LANES) {
                float slope = m.get(p.get(Arg.DY) + t * C + i) * weights.get(p.get(Arg.W) + i);
                sum = slope * m.get(p.get(Arg.X) + t * C + i) + sum;
            }
        }
        sums[lid] = sum;
        for (int half = LANES / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lane < half) {
                sums[lid] += sums[lid + half];
            }
        }
        c.localBarrier();
        if (t < T) {
            float rstd = m.get(p.get(Arg.RSTD) + t);
            float negatedMean = DeviceMath.quotient(sums[lid - lane] * rstd, -C);
            for (int i = lane; i < C; i += LANES) {
                float normalized = m.get(p.get(Arg.X) + t * C + i) * rstd;
                float slope = DeviceMath.product(m.get(p.get(Arg.DY) + t * C + i), weights.get(p.get(Arg.W) + i));
                float change = normalized * negatedMean + slope;
                m.set(p.get(Arg.DX) + t * C + i, change * rstd + m.get(p.get(Arg.DX) + t * C + i));
            }
        }
    }

    /** Sums down the columns, tile after tile: while one is added up, the next is loaded. */
    static void kRmsNormWeight(KernelContext c, FloatArray m, FloatArray grads, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int column = c.localIdx & (COLUMNS - 1);
        int loader = c.localIdx / COLUMNS - 1; // -1 is the thread that adds up
        int i = COLUMNS * c.groupIdx + column;
        int T = p.get(Arg.T);
        int C = p.get(Arg.C);
        float[] dys = c.allocateFloatLocalArray(2 * TILE);
        float[] normalized = c.allocateFloatLocalArray(2 * TILE);
        float sum = 0f;
        if (i < C) {
            sum = grads.get(p.get(Arg.DW) + i);
        }
        for (int first = 0; first < T + ROWS; first += ROWS) {
            int tile = (first / ROWS & 1) * TILE + column;
            if (loader >= 0) {
                for (int row = loader; row < ROWS; row += LOADERS) {
                    int t = first + row;
                    if (t < T && i < C) {
                        dys[tile + row * COLUMNS] = m.get(p.get(Arg.DY) + t * C + i);
                        normalized[tile + row * COLUMNS] = m.get(p.get(Arg.X) + t * C + i) * m.get(p.get(Arg.RSTD) + t);
                    }
                }
            } else if (first > 0) {
                int before = TILE - (first / ROWS & 1) * TILE + column;
                int count = TornadoMath.min(ROWS, T - first + ROWS);
                for (int row = 0; row < count; row++) {
                    sum = dys[before + row * COLUMNS] * normalized[before + row * COLUMNS] + sum;
                }
            }
            c.localBarrier();
        }
        if (loader < 0 && i < C) {
            grads.set(p.get(Arg.DW) + i, sum);
        }
    }
}
