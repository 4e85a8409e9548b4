package org.rlvr4j.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.RopeTable;
import org.rlvr4j.tensor.ScalarBackend;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.VectorBackend;

/** At what rate do kernels that do little with each number read them, on one core: norms, rotation, SwiGLU, sums, AdamW? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class ElementwiseBenchmark {

    private static final double EPSILON = 1e-6;

    /** Tokens, hidden size, MLP size, heads and their size: Qwen2.5-0.5B, and a micro-batch of tiny.yaml. */
    @Param({"512x896x4864x14x64", "1024x128x384x4x32"})
    String shape = "";

    @Param({"vector", "scalar"})
    String backend = "";

    private final TensorArena arena = new TensorArena(DType.F32);
    private final Buffer none = arena.zeros(1);
    private Backend kernels = new ScalarBackend();
    private RopeTable table = new RopeTable(2, 1);
    private int T;
    private int C;
    private int H;
    private int D;
    private int[] positions = {};
    private int[] ids = {};
    private Buffer x = none;
    private Buffer dy = none;
    private Buffer y = none;
    private Buffer w = none;
    private Buffer dw = none;
    private Buffer rstd = none;
    private Buffer q = none;
    private Buffer turned = none;
    private Buffer gate = none;
    private Buffer up = none;
    private Buffer product = none;
    private Buffer dgate = none;
    private Buffer dup = none;
    private Buffer matrix = none;
    private Buffer gradient = none;
    private Buffer mean = none;
    private Buffer square = none;

    @Setup
    public void setup() {
        String[] sizes = shape.split("x", -1);
        T = Integer.parseInt(sizes[0]);
        C = Integer.parseInt(sizes[1]);
        int mlp = Integer.parseInt(sizes[2]);
        H = Integer.parseInt(sizes[3]);
        D = Integer.parseInt(sizes[4]);
        kernels = backend.equals("vector") ? new VectorBackend(1) : new ScalarBackend();
        table = new RopeTable(D, 1e6);
        positions = IntStream.range(0, T).toArray();
        x = Numbers.random(arena, (long) T * C, 1);
        dy = Numbers.random(arena, x.length(), 2);
        y = arena.zeros(x.length());
        w = Numbers.random(arena, C, 3);
        dw = arena.zeros(C);
        rstd = arena.zeros(T);
        q = Numbers.random(arena, (long) T * H * D, 4);
        turned = arena.zeros(q.length());
        gate = Numbers.random(arena, (long) T * mlp, 5);
        up = Numbers.random(arena, gate.length(), 6);
        product = Numbers.random(arena, gate.length(), 7);
        dgate = arena.zeros(gate.length());
        dup = arena.zeros(gate.length());
        matrix = Numbers.random(arena, Panels.size(new Shape(mlp, C)), 8);
        gradient = Numbers.random(arena, matrix.length(), 9);
        mean = arena.zeros(matrix.length());
        square = arena.zeros(matrix.length());
        ids = new SplittableRandom(10).ints(T, 0, mlp).toArray();
        kernels.rmsNorm(x, w, y, rstd, T, C, EPSILON); // what the backward pass starts from
    }

    @Benchmark
    public Buffer rmsNorm(GigabyteCounter work) {
        kernels.rmsNorm(x, w, y, rstd, T, C, EPSILON);
        work.gigabytes += gigabytes(x);
        return y;
    }

    @Benchmark
    public Buffer rmsNormBackward(GigabyteCounter work) {
        kernels.rmsNormBackward(x, w, rstd, dy, y, dw, T, C);
        work.gigabytes += gigabytes(x, dy);
        return y;
    }

    @Benchmark
    public Buffer rope(GigabyteCounter work) {
        kernels.rope(q, turned, table, positions, H, D, 1);
        work.gigabytes += gigabytes(q);
        return turned;
    }

    @Benchmark
    public Buffer swiGlu(GigabyteCounter work) {
        kernels.swiGlu(gate, up, dgate);
        work.gigabytes += gigabytes(gate, up);
        return dgate;
    }

    @Benchmark
    public Buffer swiGluBackward(GigabyteCounter work) {
        kernels.swiGluBackward(gate, up, product, dgate, dup);
        work.gigabytes += gigabytes(gate, up, product);
        return dgate;
    }

    @Benchmark
    public Buffer add(GigabyteCounter work) {
        kernels.add(x, dy, y);
        work.gigabytes += gigabytes(x, dy);
        return y;
    }

    @Benchmark
    public Buffer embedding(GigabyteCounter work) {
        kernels.embedding(ids, matrix, y, C);
        work.gigabytes += gigabytes(y);
        return y;
    }

    @Benchmark
    public Buffer adamW(GigabyteCounter work) {
        kernels.adamW(matrix, gradient, mean, square, new AdamW.Scalars(0.9, 0.999, 1e-8, 1, 1, 1e-6, 1));
        work.gigabytes += gigabytes(matrix, gradient, mean, square);
        return matrix;
    }

    private static double gigabytes(Buffer... read) {
        double bytes = 0;
        for (Buffer buffer : read) {
            bytes += buffer.segment().byteSize();
        }
        return 1e-9 * bytes;
    }

    @TearDown
    public void close() {
        kernels.close();
        arena.close();
    }
}
