package org.rlvr4j.bench;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Op;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.TileLoop;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Measured work of single kernels, at the sizes of a model. */
final class KernelWork {

    private final Meter meter;
    private final Workspace workspace;
    private final TensorArena arena = new TensorArena(DType.F32);
    private final SplittableRandom random = new SplittableRandom(1);

    KernelWork(Meter meter) {
        this.meter = meter;
        this.workspace = new Workspace(new VectorBackend(meter.threads()), DType.F32);
    }

    /** Seconds per billion multiplications and additions in registers. */
    static DoubleSupplier fma(Meter meter) {
        var registers = new VectorFmaPeakBenchmark();
        var one = new GflopCounter();
        registers.registersOnly(one);
        double gflop = one.gflop;
        return () -> meter.seconds(() -> registers.registersOnly(one)) / gflop;
    }

    /** Seconds per billion multiplications and additions in the innermost kernel of matrix products. */
    static DoubleSupplier tile(Meter meter) {
        var tiles = new TileLoop(1);
        return () -> meter.seconds(tiles::run) / tiles.gflop();
    }

    DoubleSupplier linear(int T, int K, int N) {
        Buffer x = numbers((long) T * K, 1);
        Buffer w = numbers(Panels.size(new Shape(N, K)), 1);
        Buffer y = numbers((long) T * N, 0);
        return () -> meter.seconds(() -> workspace.backend().linear(x, w, null, y, T, K, N));
    }

    /** Seconds of attention over one sequence, forward and backward. */
    DoubleSupplier attention(int T, int D, int H, int G) {
        var heads = new Heads(H, G, D);
        Segments segments = Segments.ofLengths(T);
        var queries = new Shape(T, H * D);
        var keys = new Shape(T, G * D);
        Buffer q = numbers(queries.size(), 1);
        Buffer k = numbers(keys.size(), 1);
        Buffer v = numbers(keys.size(), 1);
        Buffer dy = numbers(queries.size(), 1);
        return () -> meter.seconds(() -> {
            backward(
                    Attention.forward(withGrad(queries, q), withGrad(keys, k), withGrad(keys, v), segments, heads), dy);
            workspace.release();
        });
    }

    /** Seconds of log-probabilities of T tokens among V from hidden states, with the gradients of both inputs. */
    DoubleSupplier logProb(int T, int C, int V) {
        var hidden = new Shape(T, C);
        var table = new Shape(V, C);
        Buffer x = numbers(hidden.size(), 1);
        Buffer w = numbers(Panels.size(table), 0.03);
        int[] targets = random.ints(T, 0, V).toArray();
        Buffer dy = numbers(2L * T, 0);
        for (int t = 0; t < T; t++) {
            dy.set(2L * t, -1.0 / T);
        }
        return () -> meter.seconds(() -> {
            backward(
                    LogProb.forward(
                            withGrad(hidden, x), Tensor.parameter(workspace, table, Layout.PANELS, w), targets, 1),
                    dy);
            workspace.release();
        });
    }

    private Tensor withGrad(Shape shape, Buffer data) {
        return Tensor.parameter(workspace, shape, data);
    }

    private static void backward(Tensor y, Buffer dy) {
        y.grad().copyFrom(dy);
        Op op = y.op().orElseThrow();
        op.backward(y);
    }

    private Buffer numbers(long length, double scale) {
        Buffer buffer = Numbers.random(arena, length, random.nextLong());
        workspace.backend().scale(buffer, scale);
        return buffer;
    }
}
