package org.rlvr4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DeviceProvider;
import org.rlvr4j.tensor.VectorSupport;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What a command computes on: {@code cpu}, or another kind of device, such as {@code tornado} or {@code tornado:1}.
 *
 * @param kind  its name
 * @param place in the list of devices of its kind
 */
record Device(String kind, int place) {

    static final String CPU = "cpu";

    /** Arenas ask for blocks of 64 MB, and the device keeps tables and intermediate results beside tensors. */
    private static final long BESIDE = 640_000_000;

    /** What is computed on if nothing else is asked for. */
    static Device cpu() {
        return new Device(CPU, 0);
    }

    /** Reads an option's value. */
    static final class Reader implements ITypeConverter<Device> {

        @Override
        public Device convert(String value) {
            String[] parts = value.split(":", 2);
            if (parts.length == 2 && !parts[1].matches("\\d{1,4}")) {
                throw new TypeConversionException("a device is named such as cpu, tornado or tornado:1, not " + value);
            }
            return new Device(parts[0], parts.length == 2 ? Integer.parseInt(parts[1]) : 0);
        }
    }

    boolean isCpu() {
        return kind.equals(CPU);
    }

    /**
     * Opens it.
     *
     * @param threads of the CPU; 0 for all cores
     * @param bytes   that tensors take at the peak
     * @throws IllegalArgumentException if there is no such device, or it cannot be used, or has not so much memory
     */
    Backend open(int threads, long bytes) {
        if (isCpu()) {
            return VectorSupport.backend(
                    threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
                    obstacle -> System.err.println(
                            "rlvr4j: plain loops are used, many times slower than vector kernels, because "
                                    + obstacle));
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

    /** What {@code --device} takes, and what it is or why it cannot be used. */
    static List<List<String>> all() {
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
