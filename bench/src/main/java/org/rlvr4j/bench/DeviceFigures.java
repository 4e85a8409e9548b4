package org.rlvr4j.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.ServiceLoader;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.DeviceProvider;
import org.rlvr4j.tensor.DeviceProvider.Precision;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/**
 * Throughput figures of a device at the widths of Qwen2.5-0.5B; see {@link Figures} for their form.
 *
 * <p>Arguments: the device as {@code rlvr4j devices} lists it, or {@code cpu:4} for four threads of the processor;
 * gigabytes of its memory; seconds after which no further row starts; {@code quick} for a short run on small sizes; and
 * {@code launch} for the cost of launches instead of throughput.
 */
final class DeviceFigures {

    private static final int VOCABULARY = 151_936;
    private static final int LAYERS = 24;
    private static final int FEWER_LAYERS = 6; // with a smaller vocabulary, they train on a device of 8 GB
    private static final int SMALLER_VOCABULARY = 32_768;
    private static final int WEIGHTS = 494_032_768;
    private static final Heads HEADS = new Heads(14, 2, 64);

    private DeviceFigures() {}

    public static void main(String[] args) {
        String device = args.length > 0 ? args[0] : "cpu";
        double bytes = 1e9 * (args.length > 1 ? Double.parseDouble(args[1]) : 8);
        double seconds = args.length > 2 ? Double.parseDouble(args[2]) : Double.POSITIVE_INFINITY;
        List<String> words = List.of(args);
        var figures = new Figures(bytes, seconds, words.contains("quick"));
        try (Backend backend = open(device, (long) bytes)) {
            if (words.contains("launch")) {
                launches(figures, backend);
            } else {
                throughput(figures, backend);
            }
        }
        System.exit(figures.failures() == 0 ? 0 : 1);
    }

    private static Backend open(String device, long bytes) {
        String[] parts = device.split(":", 3);
        if (parts[0].equals("cpu")) {
            return new VectorBackend(
                    parts.length > 1
                            ? Integer.parseInt(parts[1])
                            : Runtime.getRuntime().availableProcessors());
        }
        return ServiceLoader.load(DeviceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(parts[0]))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no device " + device))
                .open(
                        parts.length > 1 ? Integer.parseInt(parts[1]) : 0,
                        plan(bytes),
                        parts.length > 2 ? Precision.named(parts[2]) : Precision.EXACT);
    }

    /** Room for a training: as much of weights, gradients and each moment, and twice as much of activations. */
    private static DevicePlan plan(long bytes) {
        var roles = new EnumMap<Role, Long>(Role.class);
        for (Role role : Role.values()) {
            roles.put(
                    role,
                    switch (role) {
                        case ACTIVATIONS -> bytes / 3;
                        case TABLES -> Math.max(bytes / 50, 20_000_000); // lists alone take 17 MB
                        default -> bytes / 7;
                    });
        }
        return new DevicePlan(roles);
    }

    private static void launches(Figures figures, Backend backend) {
        try (var workspace = new Workspace(backend, DType.F32)) {
            new DeviceKernels(figures, workspace).launch();
        }
        DeviceModel.of(figures, backend, LAYERS, VOCABULARY).token(figures.isQuick() ? 4 : 32);
    }

    /** From short rows to long ones: the time may not suffice for all. */
    private static void throughput(Figures figures, Backend backend) {
        boolean quick = figures.isQuick();
        try (var workspace = new Workspace(backend, DType.F32)) {
            var kernels = new DeviceKernels(figures, workspace);
            int[][] shapes = quick
                    ? new int[][] {{64, 256, 256}}
                    : new int[][] {
                        {32, 896, 4864}, {64, 896, 4864}, {512, 896, 896}, {512, 896, 4864}, {4096, 896, 4864}
                    };
            for (int[] shape : shapes) {
                kernels.linear(shape[0], shape[1], shape[2]);
            }
            for (int T : quick ? new int[] {64} : new int[] {512, 1024}) {
                kernels.attention(T, HEADS);
            }
            kernels.attentionTraining(quick ? 2 : 8, quick ? 32 : 512, HEADS);
            kernels.attentionTraining(quick ? 1 : 2, quick ? 64 : 2048, HEADS);
            kernels.norm(quick ? 64 : 4096, 896);
            kernels.adamW(quick ? 1 << 18 : 1 << 27);
            kernels.adamW(quick ? 1 << 20 : WEIGHTS);
            kernels.logProb(quick ? 64 : 4096, quick ? 64 : 896, quick ? 512 : VOCABULARY);
        }
        DeviceModel fewer = DeviceModel.of(figures, backend, FEWER_LAYERS, SMALLER_VOCABULARY);
        DeviceModel whole = DeviceModel.of(figures, backend, LAYERS, VOCABULARY);
        int newTokens = quick ? 4 : 128;
        int sequences = quick ? 2 : 64;
        if (!quick) {
            fewer.decode(sequences, newTokens);
            fewer.train(8, 512);
        }
        whole.decode(sequences, newTokens);
        whole.train(quick ? 1 : 8, quick ? 32 : 512);
    }
}
