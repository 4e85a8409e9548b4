package org.rlvr4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;

/** How fast are the three products of a linear layer on one core, and how much faster than the loops that define them? */
public class LinearBenchmark extends KernelBenchmark {

    /** Rows, inputs and outputs: an MLP of Qwen2.5-0.5B; an MLP, a decoding step and the smallest layer of tiny.yaml. */
    @Param({"512x896x4864", "512x128x384", "16x128x384", "512x128x64"})
    String shape = "";

    private int T;
    private int K;
    private int N;
    private Buffer x = placeholder;
    private Buffer w = placeholder;
    private Buffer y = placeholder;
    private Buffer dx = placeholder;
    private Buffer dw = placeholder;

    @Setup
    public void setup() {
        int[] sizes = sizes(shape);
        T = sizes[0];
        K = sizes[1];
        N = sizes[2];
        open(1);
        x = random((long) T * K, 1);
        w = random(Panels.size(new Shape(N, K)), 2);
        y = random((long) T * N, 3);
        dx = random((long) T * K, 4);
        dw = random(w.length(), 5);
    }

    @Benchmark
    public Buffer forward(GflopCounter work) {
        kernels.linear(x, w, null, y, T, K, N);
        work.gflop += gflop();
        return y;
    }

    @Benchmark
    public Buffer backwardInput(GflopCounter work) {
        kernels.linearBackwardInput(y, w, new Accumulator(dx, false), T, K, N);
        work.gflop += gflop();
        return dx;
    }

    @Benchmark
    public Buffer backwardWeight(GflopCounter work) {
        kernels.linearBackwardWeight(y, x, new Accumulator(dw, true), T, K, N);
        work.gflop += gflop();
        return dw;
    }

    private double gflop() {
        return 1e-9 * FLOP_PER_MULTIPLY_ADD * T * K * N;
    }
}
