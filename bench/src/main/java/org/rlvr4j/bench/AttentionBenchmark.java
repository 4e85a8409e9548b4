package org.rlvr4j.bench;

import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/** How fast is causal attention over packed sequences on one core, and how much faster than the loops that define it? */
public class AttentionBenchmark extends KernelBenchmark {

    private static final int FORWARD_PRODUCTS = 2; // scores, outputs
    private static final int BACKWARD_PRODUCTS = 5; // scores again, and the gradients of P, q, k and v

    /** Sequences, tokens of each, H, G and D: as Qwen2.5-0.5B, as Qwen2.5-1.5B, and a micro-batch of tiny.yaml. */
    @Param({"1x512x14x2x64", "1x512x12x2x128", "16x40x4x2x32"})
    String shape = "";

    private Segments segments = Segments.ofLengths();
    private Heads heads = new Heads(1, 1, 2);
    private Buffer q = placeholder;
    private Buffer k = placeholder;
    private Buffer v = placeholder;
    private Buffer y = placeholder;
    private Buffer lse = placeholder;
    private Buffer dy = placeholder;
    private Buffer dq = placeholder;
    private Buffer dk = placeholder;
    private Buffer dv = placeholder;

    @Setup
    public void setup() {
        int[] sizes = sizes(shape);
        var lengths = new int[sizes[0]];
        Arrays.fill(lengths, sizes[1]);
        segments = Segments.ofLengths(lengths);
        heads = new Heads(sizes[2], sizes[3], sizes[4]);
        open(1);
        long queries = (long) segments.total() * heads.query() * heads.size();
        long keys = (long) segments.total() * heads.keyValue() * heads.size();
        q = random(queries, 1);
        k = random(keys, 2);
        v = random(keys, 3);
        y = arena.zeros(queries);
        lse = arena.zeros((long) segments.total() * heads.query());
        dy = random(queries, 4);
        dq = arena.zeros(queries);
        dk = arena.zeros(keys);
        dv = arena.zeros(keys);
        kernels.attention(op(), y); // sets the inputs of the backward pass
    }

    @Benchmark
    public Buffer forward(GflopCounter work) {
        kernels.attention(op(), y);
        work.gflop += gflop(FORWARD_PRODUCTS);
        return y;
    }

    @Benchmark
    public Buffer backward(GflopCounter work) {
        kernels.attentionBackward(op(), y, dy, dq, dk, dv);
        work.gflop += gflop(BACKWARD_PRODUCTS);
        return dq;
    }

    private Attention op() {
        var workspace = new Workspace(kernels, DType.F32);
        return new Attention(
                constant(workspace, q),
                constant(workspace, k),
                constant(workspace, v),
                constant(workspace, lse),
                segments,
                heads);
    }

    private Tensor constant(Workspace workspace, Buffer x) {
        int T = segments.total();
        return Tensor.constant(workspace, new Shape(T, Math.toIntExact(x.length() / T)), x);
    }

    private double gflop(int products) {
        double pairs = 0;
        for (int s = 0; s < segments.count(); s++) {
            pairs += segments.length(s) * (segments.length(s) + 1.0) / 2;
        }
        return 1e-9 * FLOP_PER_MULTIPLY_ADD * products * pairs * heads.query() * heads.size();
    }
}
