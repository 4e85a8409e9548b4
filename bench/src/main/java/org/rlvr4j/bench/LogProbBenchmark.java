package org.rlvr4j.bench;

import java.util.SplittableRandom;
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
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.ScalarBackend;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.VectorBackend;
import org.rlvr4j.tensor.Workspace;

/** How fast are log-probabilities, entropies and their gradients on one core, and how much faster than their definition? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LogProbBenchmark {

    private static final double FLOP_PER_MULTIPLY_ADD = 2;
    private static final int FORWARD_PRODUCTS = 1; // logits
    private static final int BACKWARD_PRODUCTS = 3; // logits again, and two gradients

    /** Tokens, hidden size and vocabulary: Qwen2.5-0.5B, and a micro-batch of tiny.yaml. */
    @Param({"128x896x151936", "512x128x58"})
    String shape = "";

    @Param({"vector", "scalar"})
    String backend = "";

    private final TensorArena arena = new TensorArena(DType.F32);
    private final Buffer none = arena.zeros(1);
    private Backend kernels = new ScalarBackend();
    private int T;
    private int C;
    private int V;
    private Buffer x = none;
    private Buffer w = none;
    private Buffer out = none;
    private Buffer lse = none;
    private Buffer dout = none;
    private Buffer dx = none;
    private Buffer dw = none;
    private int[] targets = {};

    @Setup
    public void setup() {
        String[] sizes = shape.split("x", -1);
        T = Integer.parseInt(sizes[0]);
        C = Integer.parseInt(sizes[1]);
        V = Integer.parseInt(sizes[2]);
        kernels = backend.equals("vector") ? new VectorBackend(1) : new ScalarBackend();
        x = Numbers.random(arena, (long) T * C, 1);
        w = Numbers.random(arena, Panels.size(new Shape(V, C)), 2);
        out = arena.zeros(2L * T);
        lse = arena.zeros(T);
        dout = Numbers.random(arena, 2L * T, 3);
        dx = arena.zeros(x.length());
        dw = arena.zeros(w.length());
        targets = new SplittableRandom(4).ints(T, 0, V).toArray();
        kernels.logProb(x, w, targets, 1, out, lse, null, C, V); // what the backward pass starts from
    }

    @Benchmark
    public Buffer forward(GflopCounter work) {
        kernels.logProb(x, w, targets, 1, out, lse, null, C, V);
        work.gflop += gflop(FORWARD_PRODUCTS);
        return out;
    }

    @Benchmark
    public Buffer backward(GflopCounter work) {
        var workspace = new Workspace(kernels, DType.F32);
        var op = new LogProb(
                Tensor.constant(workspace, new Shape(T, C), x),
                Tensor.constant(workspace, new Shape(V, C), w),
                Tensor.constant(workspace, new Shape(T, 1), lse),
                targets,
                1,
                null);
        kernels.logProbBackward(op, out, dout, dx, new Gradient(dw, false));
        work.gflop += gflop(BACKWARD_PRODUCTS);
        return dw;
    }

    @TearDown
    public void close() {
        kernels.close();
        arena.close();
    }

    private double gflop(int products) {
        return 1e-9 * FLOP_PER_MULTIPLY_ADD * products * T * C * V;
    }
}
