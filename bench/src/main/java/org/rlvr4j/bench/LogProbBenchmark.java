package org.rlvr4j.bench;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/** How fast are log-probabilities, entropies and their gradients on one core, and how much faster than their definition? */
public class LogProbBenchmark extends KernelBenchmark {

    private static final int FORWARD_PRODUCTS = 1; // logits
    private static final int BACKWARD_PRODUCTS = 3; // logits again, and two gradients

    /** Tokens, hidden size and vocabulary: Qwen2.5-0.5B, and a micro-batch of tiny.yaml. */
    @Param({"128x896x151936", "512x128x58"})
    String shape = "";

    private int T;
    private int C;
    private int V;
    private Buffer x = placeholder;
    private Buffer w = placeholder;
    private Buffer out = placeholder;
    private Buffer lse = placeholder;
    private Buffer dout = placeholder;
    private Buffer dx = placeholder;
    private Buffer dw = placeholder;
    private int[] targets = {};

    @Setup
    public void setup() {
        int[] sizes = sizes(shape);
        T = sizes[0];
        C = sizes[1];
        V = sizes[2];
        open(1);
        x = random((long) T * C, 1);
        w = random(Panels.size(new Shape(V, C)), 2);
        out = arena.zeros(2L * T);
        lse = arena.zeros(T);
        dout = random(2L * T, 3);
        dx = arena.zeros(x.length());
        dw = arena.zeros(w.length());
        targets = new SplittableRandom(4).ints(T, 0, V).toArray();
        kernels.logProb(op(), out); // sets the inputs of the backward pass
    }

    @Benchmark
    public Buffer forward(GflopCounter work) {
        kernels.logProb(op(), out);
        work.gflop += gflop(FORWARD_PRODUCTS);
        return out;
    }

    @Benchmark
    public Buffer backward(GflopCounter work) {
        kernels.logProbBackward(op(), out, dout, dx, new Accumulator(dw, false));
        work.gflop += gflop(BACKWARD_PRODUCTS);
        return dw;
    }

    private LogProb op() {
        var workspace = new Workspace(kernels, DType.F32);
        return new LogProb(
                Tensor.constant(workspace, new Shape(T, C), x),
                Tensor.constant(workspace, new Shape(V, C), Layout.PANELS, w),
                Tensor.constant(workspace, new Shape(T, 1), lse),
                targets,
                1,
                null);
    }

    private double gflop(int products) {
        return 1e-9 * FLOP_PER_MULTIPLY_ADD * products * T * C * V;
    }
}
