package org.rlvr4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DeviceProvider;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/**
 * Throughput figures of a device, one tab-separated line for each piece of work: name, figure, unit.
 *
 * <p>Arguments: the device as {@code rlvr4j devices} lists it, gigabytes of its memory, and {@code quick} for a short
 * run.
 */
final class DeviceFigures {

    private static final int ROUNDS = 9; // the median is reported
    private static final int VOCABULARY = 32_768;

    private final Workspace workspace;
    private final TensorArena arena;
    private final SplittableRandom random = new SplittableRandom(1);
    private final boolean quick;

    private DeviceFigures(Backend backend, boolean quick) {
        this.workspace = new Workspace(backend, DType.F32, true);
        this.arena = new TensorArena(DType.F32, backend.memory());
        this.quick = quick;
    }

    public static void main(String[] args) {
        String device = args.length > 0 ? args[0] : "cpu";
        double gigabytes = args.length > 1 ? Double.parseDouble(args[1]) : 8;
        try (Backend backend = open(device, gigabytes)) {
            new DeviceFigures(backend, Arrays.asList(args).contains("quick")).print();
        }
    }

    private static Backend open(String device, double gigabytes) {
        if (device.equals("cpu")) {
            return new VectorBackend(Runtime.getRuntime().availableProcessors());
        }
        String[] parts = device.split(":", 2);
        return ServiceLoader.load(DeviceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(parts[0]))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no device " + device))
                .open(parts.length == 2 ? Integer.parseInt(parts[1]) : 0, (long) (gigabytes * 1e9));
    }

    private void print() {
        int[][] shapes = quick
                ? new int[][] {{64, 256, 256}}
                : new int[][] {{512, 896, 896}, {512, 896, 4864}, {4096, 896, 4864}, {32, 896, 4864}};
        for (int[] shape : shapes) {
            linear(shape[0], shape[1], shape[2]);
        }
        for (int T : quick ? new int[] {64} : new int[] {512, 1024}) {
            attention(T, 14, 2, 64);
        }
        norm(quick ? 64 : 4096, 896);
        adamW(quick ? 1 << 18 : 1 << 27);
        try (Decoder model = model()) {
            decode(model, quick ? 2 : 64, quick ? 4 : 128);
            train(model, quick ? 1 : 8, quick ? 32 : 512);
        }
    }

    private void linear(int T, int K, int N) {
        Buffer x = numbers((long) T * K);
        Buffer w = numbers(Panels.size(new Shape(N, K)));
        Buffer y = numbers((long) T * N);
        Buffer dw = numbers(w.length());
        String shape = "-" + T + "-" + K + "x" + N;
        double gflop = 2e-9 * T * K * N;
        Backend backend = workspace.backend();
        figure("linear" + shape, gflop / seconds(() -> backend.linear(x, w, null, y, T, K, N)), "GFLOP/s");
        double backwardTime = seconds(() -> {
            backend.linearBackwardInput(y, w, new Accumulator(x, true), T, K, N);
            backend.linearBackwardWeight(y, x, new Accumulator(dw, true), T, K, N);
        });
        figure("linear-backward" + shape, 2 * gflop / backwardTime, "GFLOP/s");
        arena.release();
    }

    private void attention(int T, int H, int G, int D) {
        var heads = new Heads(H, G, D);
        var op = new Attention(
                matrix(T, H * D), matrix(T, G * D), matrix(T, G * D), matrix(T, H), Segments.ofLengths(T), heads);
        Buffer y = numbers((long) T * H * D);
        double gflop = 2e-9 * H * D * T * T; // half of the scores, twice: with keys and with values
        double time = seconds(() -> workspace.backend().attention(op, y));
        figure("attention-" + T + "-" + D, gflop / time, "GFLOP/s");
        arena.release();
    }

    private Tensor matrix(int rows, int cols) {
        return Tensor.constant(workspace, new Shape(rows, cols), numbers((long) rows * cols));
    }

    private void norm(int T, int C) {
        var op = new RmsNorm(matrix(T, C), matrix(C, 1), matrix(T, 1), 1e-6);
        Buffer y = numbers((long) T * C);
        double time = seconds(() -> workspace.backend().rmsNorm(op, y));
        figure("rmsnorm-" + T + "-" + C, 8e-9 * T * C / time, "GB/s");
        arena.release();
    }

    private void adamW(int count) {
        Buffer weights = arena.zeros(count);
        Buffer grads = arena.zeros(count);
        Buffer m = arena.zeros(count);
        Buffer v = arena.zeros(count);
        var scalars = new AdamW.Scalars(0.9, 0.999, 1e-8, 1, 1, 1e-6, 1);
        double time = seconds(() -> workspace.backend().adamW(weights, grads, m, v, scalars));
        figure("adamw-" + count, 28e-9 * count / time, "GB/s");
        arena.release();
    }

    /** Model with the widths of Qwen2.5-0.5B, and fewer layers and tokens. */
    private Decoder model() {
        int C = quick ? 64 : 896;
        var config = new ModelConfig(
                ModelConfig.Family.QWEN2,
                C,
                quick ? 128 : 4864,
                quick ? 2 : 6,
                quick ? 4 : 14,
                2,
                quick ? 16 : 64,
                1e-6,
                1e6,
                quick ? 512 : VOCABULARY,
                true,
                4096,
                List.of(),
                null,
                null);
        return Decoder.random(config, workspace, 1);
    }

    private void decode(Decoder model, int sequences, int newTokens) {
        var prompts = new ArrayList<Prompt>();
        for (int i = 0; i < sequences; i++) {
            prompts.add(new Prompt(i, random.ints(32, 0, 500).toArray()));
        }
        try (var generator = new BatchGenerator(model, sequences, List.of())) {
            double time = seconds(() -> generator.generate(prompts, Sampling.plain(1, newTokens, 1)));
            figure("decode-" + sequences, sequences * newTokens / time, "tokens/s");
        }
    }

    private void train(Decoder model, int sequences, int length) {
        var batch = new ArrayList<Completion>();
        for (int s = 0; s < sequences; s++) {
            int[] tokens = random.ints(length - 1, 0, 500).toArray();
            var prompt = new Prompt(s, random.ints(1, 0, 500).toArray());
            batch.add(new Completion(prompt, 0, tokens, new float[tokens.length], false));
        }
        try (var trainer =
                new SupervisedTrainer(model, LearningRate.constant(1e-6, 0, false), AdamW.withDecay(0.01), 1)) {
            double time = seconds(() -> trainer.step(batch));
            figure("train-" + sequences + "x" + length, sequences * length / time, "tokens/s");
        }
    }

    private double seconds(Runnable work) {
        work.run(); // warm-up: compiles the code
        double[] times = new double[quick ? 1 : ROUNDS];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            work.run();
            times[i] = 1e-9 * (System.nanoTime() - start);
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }

    private static void figure(String name, double value, String unit) {
        System.out.printf(Locale.ROOT, "%s\t%.4g\t%s%n", name, value, unit);
    }

    private Buffer numbers(long length) {
        Buffer buffer = arena.allocate(length);
        for (long i = 0; i < length; i++) {
            buffer.set(i, random.nextDouble(-1, 1));
        }
        return buffer;
    }
}
