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
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.ScalarBackend;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.VectorBackend;

/** At what rate does a linear layer of Qwen2.5-0.5B read its weights when a few sequences take a step? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class DecodeBenchmark {

    /** Inputs and outputs: the two shapes of an MLP, and the output matrix. */
    @Param({"896x4864", "4864x896", "896x151936"})
    String shape = "";

    @Param({"1", "4", "16", "64"})
    int sequences;

    @Param({"BF16", "F32"})
    DType weights = DType.F32;

    @Param({"1", "2"})
    int threads;

    @Param({"vector", "scalar"})
    String backend = "";

    private final TensorArena arena = new TensorArena(DType.F32);
    private final Buffer none = arena.zeros(1);
    private TensorArena weightArena = arena;
    private Backend kernels = new ScalarBackend();
    private int K;
    private int N;
    private Buffer x = none;
    private Buffer w = none;
    private Buffer y = none;

    @Setup
    public void setup() {
        String[] sizes = shape.split("x", -1);
        K = Integer.parseInt(sizes[0]);
        N = Integer.parseInt(sizes[1]);
        kernels = backend.equals("vector") ? new VectorBackend(threads) : new ScalarBackend();
        weightArena = new TensorArena(weights);
        x = Numbers.random(arena, (long) sequences * K, 1);
        w = Numbers.random(weightArena, Panels.size(new Shape(N, K)), 2);
        y = arena.zeros((long) sequences * N);
    }

    @Benchmark
    public Buffer linear(GigabyteCounter work) {
        kernels.linear(x, w, null, y, sequences, K, N);
        work.gigabytes += 1e-9 * w.segment().byteSize();
        return y;
    }

    @TearDown
    public void close() {
        kernels.close();
        weightArena.close();
        arena.close();
    }
}
