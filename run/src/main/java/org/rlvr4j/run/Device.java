package org.rlvr4j.run;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.DeviceProvider;
import org.rlvr4j.tensor.DeviceProvider.Precision;
import org.rlvr4j.tensor.Require;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorSupport;

/**
 * Device to compute on: {@code cpu}, or a device of another kind, such as {@code tornado}, {@code tornado:1} or {@code
 * tornado:1:tf32}.
 *
 * @param kind      name of the kind of device
 * @param index     index in the list of devices of this kind, from 0
 * @param precision precision of the products of linear layers
 */
public record Device(String kind, int index, Precision precision) {

    static final String CPU = "cpu";

    /** Multiply-adds that plain loops have done before the vector kernels, which give the same bits, are compiled. */
    private static final long FEW = 200_000_000;

    private static final Pattern NAME =
            Pattern.compile("(?<kind>[^:]*)(:(?<index>\\d{1,4}))?(:(?<precision>exact|tf32|bf16))?");

    /**
     * A device that computes exactly.
     *
     * @param kind  name of the kind of device
     * @param index index in the list of devices of this kind, from 0
     */
    public Device(String kind, int index) {
        this(kind, index, Precision.EXACT);
    }

    /** The processor of this machine, which is the default device. */
    public static Device cpu() {
        return new Device(CPU, 0);
    }

    /**
     * Parses a device's name; whether the device exists is checked when it is opened.
     *
     * @param name name such as {@code cpu}, {@code tornado}, {@code tornado:1} or {@code tornado:1:tf32}
     * @throws IllegalArgumentException if the name has another form, or a precision that the processor has not
     */
    public static Device named(String name) {
        Matcher parts = NAME.matcher(name);
        Require.that(
                parts.matches(),
                "a device is named such as cpu, tornado, tornado:1 or, with a precision (exact, tf32 or bf16),"
                        + " tornado:1:tf32, not " + name);
        String index = parts.group("index");
        String precision = parts.group("precision");
        var device = new Device(
                parts.group("kind"),
                index == null ? 0 : Integer.parseInt(index),
                precision == null ? Precision.EXACT : Precision.named(precision));
        Require.that(
                !device.isCpu() || device.precision == Precision.EXACT,
                "the processor computes exactly: " + device.precision.text() + " is for NVIDIA's devices, not " + name);
        return device;
    }

    /** Whether this is the processor of the machine. */
    public boolean isCpu() {
        return kind.equals(CPU);
    }

    /**
     * The part of a plan that lies in the memory of this machine.
     *
     * @param plan memory of work on this device
     */
    public MemoryPlan onHost(MemoryPlan plan) {
        return isCpu() ? plan : plan.besideDevice();
    }

    /**
     * Opens the device as a backend, which the caller closes.
     *
     * @param threads number of CPU threads; 0 for all cores
     * @param plan    peak memory of the tensors on a device that has memory of its own
     * @param warning receives one sentence if the device works, but slower than it should
     * @throws IllegalArgumentException if the device does not exist, cannot be used, or has too little memory
     */
    public Backend open(int threads, DevicePlan plan, Consumer<String> warning) {
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
                .open(index, plan, precision);
    }

    /**
     * Opens the device for one piece of work: the processor does a small one in plain loops, which have the bits of the
     * vector kernels and are through before those would be compiled.
     *
     * @param multiplyAdds the work, about
     * @param threads      number of CPU threads; 0 for all cores
     * @param plan         peak memory of the tensors on a device that has memory of its own
     * @param warning      receives one sentence if the device works, but slower than it should
     * @throws IllegalArgumentException as {@link #open} does, or if {@code threads} is negative
     */
    public Backend openFor(long multiplyAdds, int threads, DevicePlan plan, Consumer<String> warning) {
        Require.that(threads >= 0, "--threads must be 0 (all cores) or more, not " + threads);
        return isCpu() && multiplyAdds <= FEW ? new ScalarBackend() : open(threads, plan, warning);
    }

    private static List<DeviceProvider> providers() {
        return ServiceLoader.load(DeviceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /** All devices, each as a pair of texts: its name, and a description or the reason why it cannot be used. */
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
