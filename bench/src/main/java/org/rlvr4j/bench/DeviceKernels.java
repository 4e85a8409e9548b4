package org.rlvr4j.bench;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;

/** Rows of {@link DeviceFigures} that measure single kernels. */
final class DeviceKernels {

    private static final int LAUNCHES = 100;

    private final Figures figures;
    private final Workspace workspace;
    private final Backend backend;

    DeviceKernels(Figures figures, Workspace workspace) {
        this.figures = figures;
        this.workspace = workspace;
        this.backend = workspace.backend();
    }

    /** A linear layer's forward pass, and both of its gradients. */
    void linear(int T, int K, int N) {
        String shape = "-" + T + "-" + K + "x" + N;
        double gflop = 2e-9 * T * K * N;
        row("linear" + shape, 2L * K * N + (long) T * (K + N), 2 * gflop, arena -> {
            Buffer x = numbers(arena, (long) T * K);
            Buffer w = numbers(arena, Role.WEIGHTS, Panels.size(new Shape(N, K)));
            Buffer y = numbers(arena, (long) T * N);
            Buffer dw = numbers(arena, Role.GRADIENTS, w.length());
            double forward = gflop / seconds(() -> backend.linear(x, w, null, y, T, K, N), y);
            figures.expect(forward);
            figures.print("linear" + shape, forward, "GFLOP/s");
            double backward = seconds(
                    () -> {
                        backend.linearBackwardInput(y, w, new Accumulator(x, true), T, K, N);
                        backend.linearBackwardWeight(y, x, new Accumulator(dw, true), T, K, N);
                    },
                    dw);
            figures.print("linear-backward" + shape, 2 * gflop / backward, "GFLOP/s");
        });
    }

    /** Causal attention of one sequence, forward: half of the scores, twice, with keys and with values. */
    void attention(int T, Heads heads) {
        double gflop = 2e-9 * heads.query() * heads.size() * T * T;
        String name = "attention-" + T + "-" + heads.size();
        row(name, 4L * T * heads.query() * heads.size(), gflop, arena -> {
            Attention op = attention(arena, Segments.ofLengths(T), heads);
            Buffer y = numbers(arena, op.q().shape().size());
            figures.print(name, gflop / seconds(() -> backend.attention(op, y), y), "GFLOP/s");
        });
    }

    /** Causal attention of several sequences, forward and backward: 2 and 5 products over half of the scores. */
    void attentionTraining(int sequences, int length, Heads heads) {
        int T = sequences * length;
        double gflop = 7e-9 * heads.query() * heads.size() * T * length;
        String name = "attention-training-" + sequences + "x" + length;
        row(name, 8L * T * heads.query() * heads.size(), gflop, arena -> {
            int[] lengths = new int[sequences];
            Arrays.fill(lengths, length);
            Attention op = attention(arena, Segments.ofLengths(lengths), heads);
            Buffer y = numbers(arena, op.q().shape().size());
            Buffer dy = numbers(arena, y.length());
            Buffer dq = numbers(arena, y.length());
            Buffer dk = numbers(arena, op.k().shape().size());
            Buffer dv = numbers(arena, dk.length());
            double time = seconds(
                    () -> {
                        backend.attention(op, y);
                        backend.attentionBackward(op, y, dy, dq, dk, dv);
                    },
                    dk);
            figures.print(name, gflop / time, "GFLOP/s");
        });
    }

    private Attention attention(Arenas arena, Segments segments, Heads heads) {
        int T = segments.total();
        return new Attention(
                matrix(arena, T, heads.query() * heads.size()),
                matrix(arena, T, heads.keyValue() * heads.size()),
                matrix(arena, T, heads.keyValue() * heads.size()),
                matrix(arena, T, heads.query()),
                segments,
                heads);
    }

    /** Log-probabilities of T rows, forward and backward: a product, and two gradients of it. */
    void logProb(int T, int C, int V) {
        double gflop = 6e-9 * T * C * V;
        String name = "log-probability-" + T + "-" + C + "x" + V;
        row(name, 2L * C * V + 3L * T * C, gflop, arena -> {
            Tensor w = Tensor.constant(
                    workspace,
                    new Shape(V, C),
                    Layout.PANELS,
                    numbers(arena, Role.WEIGHTS, Panels.size(new Shape(V, C))));
            int[] targets = new SplittableRandom(2).ints(T, 0, V).toArray();
            var op = new LogProb(matrix(arena, T, C), w, matrix(arena, T, 1), targets, 1, null);
            Buffer out = numbers(arena, 2L * T);
            Buffer dout = numbers(arena, 2L * T);
            Buffer dx = numbers(arena, (long) T * C);
            Buffer dw = numbers(arena, Role.GRADIENTS, w.data().length());
            double time = seconds(
                    () -> {
                        backend.logProb(op, out);
                        backend.logProbBackward(op, out, dout, dx, new Accumulator(dw, false));
                    },
                    dw);
            figures.print(name, gflop / time, "GFLOP/s");
        });
    }

    /** Root-mean-square normalisation, forward. */
    void norm(int T, int C) {
        String name = "rmsnorm-" + T + "-" + C;
        row(name, 2L * T * C, 0, arena -> {
            var op = new RmsNorm(matrix(arena, T, C), weight(arena, C), matrix(arena, T, 1), 1e-6);
            Buffer y = numbers(arena, (long) T * C);
            figures.print(name, 8e-9 * T * C / seconds(() -> backend.rmsNorm(op, y), y), "GB/s");
        });
    }

    /** AdamW's update of so many weights: four numbers are read, and three written. */
    void adamW(int count) {
        String name = "adamw-" + count;
        row(name, 4L * count, 0, arena -> {
            Buffer weights = arena.of(Role.WEIGHTS).zeros(count);
            Buffer grads = arena.of(Role.GRADIENTS).zeros(count);
            Buffer m = arena.of(Role.MEANS).zeros(count);
            Buffer v = arena.of(Role.SQUARES).zeros(count);
            var scalars = new AdamW.Scalars(0.9, 0.999, 1e-8, 1, 1, 1e-6, 1);
            double time = seconds(() -> backend.adamW(weights, grads, m, v, scalars), weights);
            figures.print(name, 28e-9 * count / time, "GB/s");
        });
    }

    /** Microseconds of a kernel that has one number to scale. */
    void launch() {
        row("launch", 1, 0, arena -> {
            Buffer x = arena.of(Role.ACTIVATIONS).zeros(1);
            double time = seconds(
                    () -> {
                        for (int i = 0; i < LAUNCHES; i++) {
                            backend.scale(x, 1);
                        }
                    },
                    x);
            figures.print("launch", 1e6 * time / LAUNCHES, "us");
        });
    }

    /** Arenas of all roles. */
    private static final class Arenas implements AutoCloseable {

        private final Map<Role, TensorArena> arenas = new EnumMap<>(Role.class);

        Arenas(Backend backend) {
            for (Role role : Role.values()) {
                arenas.put(role, new TensorArena(DType.F32, backend.memory(), role));
            }
        }

        TensorArena of(Role role) {
            return Objects.requireNonNull(arenas.get(role));
        }

        @Override
        public void close() {
            arenas.values().forEach(TensorArena::close);
        }
    }

    /** A row's work, with the memory of its numbers. */
    private interface Work {
        void measure(Arenas arena);
    }

    private void row(String name, long numbers, double gflop, Work work) {
        figures.row(name, Float.BYTES * (double) numbers, gflop, () -> {
            try (var arena = new Arenas(backend)) {
                work.measure(arena);
            }
        });
    }

    /** Seconds of kernels of which the last one writes {@code output}, a number of which the host waits for. */
    private double seconds(Runnable kernels, Buffer output) {
        return figures.seconds(kernels, kernels, () -> output.slice(0, 1).get(0));
    }

    private Tensor matrix(Arenas arena, int rows, int cols) {
        return Tensor.constant(workspace, new Shape(rows, cols), numbers(arena, (long) rows * cols));
    }

    private Tensor weight(Arenas arena, int size) {
        return Tensor.constant(workspace, new Shape(size, 1), numbers(arena, Role.WEIGHTS, size));
    }

    private static Buffer numbers(Arenas arena, long length) {
        return numbers(arena, Role.ACTIVATIONS, length);
    }

    private static Buffer numbers(Arenas arena, Role role, long length) {
        Buffer buffer = arena.of(role).allocate(length);
        Numbers.fill(buffer, 1, 1);
        return buffer;
    }
}
