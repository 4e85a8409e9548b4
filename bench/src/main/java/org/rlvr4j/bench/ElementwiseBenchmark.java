package org.rlvr4j.bench;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Embedding;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.Rope;
import org.rlvr4j.tensor.RopeTable;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.SwiGlu;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/** At what rate do kernels that do little with each number read them, on one core: norms, rotation, SwiGLU, sums, AdamW? */
public class ElementwiseBenchmark extends KernelBenchmark {

    private static final double EPSILON = 1e-6;

    /** Tokens, hidden size, MLP size, heads and their size: Qwen2.5-0.5B, and a micro-batch of tiny.yaml. */
    @Param({"512x896x4864x14x64", "1024x128x384x4x32"})
    String shape = "";

    private RopeTable table = new RopeTable(2, 1);
    private int T;
    private int C;
    private int H;
    private int D;
    private int[] positions = {};
    private int[] ids = {};
    private Buffer x = placeholder;
    private Buffer dy = placeholder;
    private Buffer y = placeholder;
    private Buffer w = placeholder;
    private Buffer dw = placeholder;
    private Buffer rstd = placeholder;
    private Buffer q = placeholder;
    private Buffer rotated = placeholder;
    private Buffer gate = placeholder;
    private Buffer up = placeholder;
    private Buffer dproduct = placeholder;
    private Buffer dgate = placeholder;
    private Buffer dup = placeholder;
    private Buffer matrix = placeholder;
    private Buffer gradient = placeholder;
    private Buffer mean = placeholder;
    private Buffer square = placeholder;

    @Setup
    public void setup() {
        int[] sizes = sizes(shape);
        T = sizes[0];
        C = sizes[1];
        int mlp = sizes[2];
        H = sizes[3];
        D = sizes[4];
        open(1);
        table = new RopeTable(D, 1e6);
        positions = IntStream.range(0, T).toArray();
        x = random((long) T * C, 1);
        dy = random(x.length(), 2);
        y = arena.zeros(x.length());
        w = random(C, 3);
        dw = arena.zeros(C);
        rstd = arena.zeros(T);
        q = random((long) T * H * D, 4);
        rotated = arena.zeros(q.length());
        gate = random((long) T * mlp, 5);
        up = random(gate.length(), 6);
        dproduct = random(gate.length(), 7);
        dgate = arena.zeros(gate.length());
        dup = arena.zeros(gate.length());
        matrix = random(Panels.size(new Shape(mlp, C)), 8);
        gradient = random(matrix.length(), 9);
        mean = arena.zeros(matrix.length());
        square = arena.zeros(matrix.length());
        ids = new SplittableRandom(10).ints(T, 0, mlp).toArray();
        kernels.rmsNorm(norm(), y); // sets the inputs of the backward pass
    }

    @Benchmark
    public Buffer rmsNorm(GigabyteCounter work) {
        kernels.rmsNorm(norm(), y);
        work.gigabytes += gigabytes(x);
        return y;
    }

    @Benchmark
    public Buffer rmsNormBackward(GigabyteCounter work) {
        kernels.rmsNormBackward(norm(), dy, y, dw);
        work.gigabytes += gigabytes(x, dy);
        return y;
    }

    @Benchmark
    public Buffer rope(GigabyteCounter work) {
        kernels.rope(new Rope(matrix(q, H * D), table, positions, D), q, rotated, 1);
        work.gigabytes += gigabytes(q);
        return rotated;
    }

    @Benchmark
    public Buffer swiGlu(GigabyteCounter work) {
        kernels.swiGlu(new SwiGlu(column(gate), column(up)), dgate);
        work.gigabytes += gigabytes(gate, up);
        return dgate;
    }

    @Benchmark
    public Buffer swiGluBackward(GigabyteCounter work) {
        kernels.swiGluBackward(new SwiGlu(column(gate), column(up)), dproduct, dgate, dup);
        work.gigabytes += gigabytes(gate, up, dproduct);
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
        Tensor words = Tensor.constant(
                new Workspace(kernels, DType.F32), new Shape(sizes(shape)[2], C), Layout.PANELS, matrix);
        kernels.embedding(new Embedding(words, ids, null), y);
        work.gigabytes += gigabytes(y);
        return y;
    }

    @Benchmark
    public Buffer adamW(GigabyteCounter work) {
        kernels.adamW(matrix, gradient, mean, square, new AdamW.Scalars(0.9, 0.999, 1e-8, 1, 1, 1e-6, 1));
        work.gigabytes += gigabytes(matrix, gradient, mean, square);
        return matrix;
    }

    private RmsNorm norm() {
        return new RmsNorm(matrix(x, C), column(w), column(rstd), EPSILON);
    }

    private Tensor matrix(Buffer numbers, int cols) {
        int rows = Math.toIntExact(numbers.length() / cols);
        return Tensor.constant(new Workspace(kernels, DType.F32), new Shape(rows, cols), numbers);
    }

    private Tensor column(Buffer numbers) {
        return matrix(numbers, 1);
    }

    private static double gigabytes(Buffer... read) {
        double bytes = 0;
        for (Buffer buffer : read) {
            bytes += buffer.segment().byteSize();
        }
        return 1e-9 * bytes;
    }
}
