package org.rlvr4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;

/** At what rate does a linear layer of Qwen2.5-0.5B read its weights when a few sequences take a step? */
public class DecodeBenchmark extends KernelBenchmark {

    /** Inputs and outputs: the two shapes of an MLP, and the output matrix. */
    @Param({"896x4864", "4864x896", "896x151936"})
    String shape = "";

    @Param({"1", "4", "16", "64"})
    int sequences;

    @Param({"BF16", "F32"})
    DType weights = DType.F32;

    @Param({"1", "2"})
    int threads;

    private TensorArena weightArena = arena;
    private int K;
    private int N;
    private Buffer x = placeholder;
    private Buffer w = placeholder;
    private Buffer y = placeholder;

    @Setup
    public void setup() {
        int[] sizes = sizes(shape);
        K = sizes[0];
        N = sizes[1];
        open(threads);
        weightArena = new TensorArena(weights);
        x = random((long) sequences * K, 1);
        w = Numbers.random(weightArena, Panels.size(new Shape(N, K)), 2);
        y = arena.zeros((long) sequences * N);
    }

    @Benchmark
    public Buffer linear(GigabyteCounter work) {
        kernels.linear(x, w, null, y, sequences, K, N);
        work.gigabytes += 1e-9 * w.segment().byteSize();
        return y;
    }

    @Override
    public void close() {
        weightArena.close();
        super.close();
    }
}
