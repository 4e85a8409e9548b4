package org.rlvr4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Base of the benchmarks of a backend's kernels: their durations, the two backends, and memory for their numbers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public abstract class KernelBenchmark {

    static final double FLOP_PER_MULTIPLY_ADD = 2;

    @Param({"vector", "scalar"})
    String backend = "";

    final TensorArena arena = new TensorArena(DType.F32);
    final Buffer placeholder = arena.zeros(1);
    Backend kernels = new ScalarBackend();

    /** Opens the backend that {@link #backend} names; {@code vector} has {@code threads} threads. */
    void open(int threads) {
        kernels = backend.equals("vector") ? new VectorBackend(threads) : new ScalarBackend();
    }

    /** Sizes in the name of a shape such as {@code 512x896x4864}. */
    static int[] sizes(String shape) {
        return Arrays.stream(shape.split("x", -1)).mapToInt(Integer::parseInt).toArray();
    }

    Buffer random(long length, long seed) {
        return Numbers.random(arena, length, seed);
    }

    @TearDown
    public void close() {
        kernels.close();
        arena.close();
    }
}
