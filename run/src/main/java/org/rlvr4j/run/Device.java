package org.rlvr4j.run;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DeviceProvider;
import org.rlvr4j.tensor.vector.VectorSupport;

/**
 * Device that is computed on: {@code cpu}, or another kind of device, such as {@code tornado} or {@code tornado:1}.
 *
 * @param kind  its name
 * @param place in the list of devices of its kind
 */
public record Device(String kind, int place) {

    static final String CPU = "cpu";

    /** Arenas ask for blocks of 64 MB, and the device keeps tables and intermediate results beside tensors. */
    private static final long BESIDE = 640_000_000;

    /** This machine's processor, on which everything runs if nothing else is asked for. */
    public static Device cpu() {
        return new Device(CPU, 0);
    }

    /**
     * Reads a device's name, such as {@code cpu} or {@code tornado:1}.
     *
     * @throws IllegalArgumentException if it is no such name; whether there is such a device shows when it is opened
     */
    public static Device named(String name) {
        String[] parts = name.split(":", 2);
        if (parts.length == 2 && !parts[1].matches("\\d{1,4}")) {
            throw new IllegalArgumentException("a device is named such as cpu, tornado or tornado:1, not " + name);
        }
        return new Device(parts[0], parts.length == 2 ? Integer.parseInt(parts[1]) : 0);
    }

    public boolean isCpu() {
        return kind.equals(CPU);
    }

    /**
     * Opens it.
     *
     * @param threads of the CPU; 0 for all cores
     * @param bytes   that tensors take at the peak
     * @param warning receives a sentence if it works, but not as it should
     * @throws IllegalArgumentException if there is no such device, or it cannot be used, or has not so much memory
     */
    public Backend open(int threads, long bytes, Consumer<String> warning) {
        if (isCpu()) {
            return VectorSupport.backend(
                    threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
                    obstacle -> warning.accept(
                            "plain loops are used, many times slower than vector kernels, because " + obstacle));
        }
        return providers().stream()
                .filter(provider -> provider.name().equals(kind))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no device " + kind
                        + "; scripts/rlvr4j devices lists those there are, and docs/gpu.md says how to get one"))
                .open(place, bytes + BESIDE);
    }

    private static List<DeviceProvider> providers() {
        return ServiceLoader.load(DeviceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /** Every device's name, with what it is or why it cannot be used. */
    public static List<List<String>> all() {
        var rows = new ArrayList<List<String>>();
        int cores = Runtime.getRuntime().availableProcessors();
        rows.add(List.of(CPU, VectorSupport.obstacle().orElse("vector kernels on " + cores + " cores")));
        for (DeviceProvider provider : providers()) {
            if (provider.obstacle().isPresent()) {
                rows.add(List.of(
                        provider.name(),
                        "cannot be used: " + provider.obstacle().get()));
                continue;
            }
            List<String> devices = provider.devices();
            for (int i = 0; i < devices.size(); i++) {
                rows.add(List.of(provider.name() + ":" + i, devices.get(i)));
            }
        }
        if (rows.size() == 1) {
            rows.add(List.of("tornado", "not built: TornadoVM's SDK is needed, see docs/gpu.md"));
        }
        return rows;
    }
}
