package org.rlvr4j.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Gradient;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.ScalarBackend;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.VectorBackend;

/** How fast are the three products of a linear layer on one core, and how much faster than the loops that define them? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LinearBenchmark {

    private static final double FLOP_PER_MULTIPLY_ADD = 2;

    /** Rows, inputs and outputs: an MLP of Qwen2.5-0.5B; an MLP, a decoding step and the smallest layer of tiny.yaml. */
    @Param({"512x896x4864", "512x128x384", "16x128x384", "512x128x64"})
    String shape = "";

    @Param({"vector", "scalar"})
    String backend = "";

    private final TensorArena arena = new TensorArena(DType.F32);
    private final Buffer none = arena.zeros(1);
    private Backend kernels = new ScalarBackend();
    private int T;
    private int K;
    private int N;
    private Buffer x = none;
    private Buffer w = none;
    private Buffer y = none;
    private Buffer dx = none;
    private Buffer dw = none;

    @Setup
    public void setup() {
        String[] sizes = shape.split("x", -1);
        T = Integer.parseInt(sizes[0]);
        K = Integer.parseInt(sizes[1]);
        N = Integer.parseInt(sizes[2]);
        kernels = backend.equals("vector") ? new VectorBackend(1) : new ScalarBackend();
        x = Numbers.random(arena, (long) T * K, 1);
        w = Numbers.random(arena, Panels.size(new Shape(N, K)), 2);
        y = Numbers.random(arena, (long) T * N, 3);
        dx = Numbers.random(arena, (long) T * K, 4);
        dw = Numbers.random(arena, w.length(), 5);
    }

    @Benchmark
    public Buffer forward(GflopCounter work) {
        kernels.linear(x, w, null, y, T, K, N);
        work.gflop += gflop();
        return y;
    }

    @Benchmark
    public Buffer backwardInput(GflopCounter work) {
        kernels.linearBackwardInput(y, w, new Gradient(dx, false), T, K, N);
        work.gflop += gflop();
        return dx;
    }

    @Benchmark
    public Buffer backwardWeight(GflopCounter work) {
        kernels.linearBackwardWeight(y, x, new Gradient(dw, true), T, K, N);
        work.gflop += gflop();
        return dw;
    }

    @TearDown
    public void close() {
        kernels.close();
        arena.close();
    }

    private double gflop() {
        return 1e-9 * FLOP_PER_MULTIPLY_ADD * T * K * N;
    }
}
