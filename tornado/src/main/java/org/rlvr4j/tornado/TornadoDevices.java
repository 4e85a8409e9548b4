package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.DeviceProvider;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tornado.library.ProductLibrary;
import org.rlvr4j.tornado.places.HostRange;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** Devices that TornadoVM reaches, if the virtual machine was started with its options. */
public final class TornadoDevices implements DeviceProvider {

    /** Set by TornadoVM's options; to touch a class of its without them is an error. */
    private static final String IMPLEMENTATION = "tornado.load.api.implementation";

    /** Settings of TornadoVM that must be as they are in jvm.options, and what would happen otherwise. */
    private static final List<Setting> SETTINGS = List.of(
            new Setting(
                    "tornado.recover.bailout",
                    "false",
                    "TornadoVM would run a kernel that it cannot compile as plain Java, wrongly"),
            new Setting(
                    "tornado.enable.fma",
                    "true",
                    "kernels would round products that they add to something, and have other bits than the CPU's"),
            new Setting(
                    "tornado.enable.mathOptimizations",
                    "false",
                    "TornadoVM would replace roots and quotients by approximations"),
            new Setting(
                    "tornado.cuda.host.pinning",
                    "false",
                    "TornadoVM would pin as much of the host's memory as the device's is large"),
            new Setting(
                    "tornado.tvm.maxbytecodesize",
                    "32768",
                    "task graphs of several kernels would be longer than TornadoVM takes them"));

    /**
     * Setting that TornadoVM reads from a system property.
     *
     * @param property  name of the property
     * @param value     value that it must have
     * @param otherwise what happens with another value
     */
    private record Setting(String property, String value, String otherwise) {}

    @Override
    public String name() {
        return "tornado";
    }

    @Override
    public Optional<String> obstacle() {
        Optional<String> obstacle = obstacle(System::getProperty);
        if (obstacle.isEmpty() && found().isEmpty()) {
            return Optional.of("TornadoVM finds no device: is a driver for OpenCL, PTX or CUDA installed");
        }
        return obstacle;
    }

    /** @param properties system properties, by name */
    static Optional<String> obstacle(Function<String, @Nullable String> properties) {
        if (properties.apply(IMPLEMENTATION) == null) {
            return Optional.of("the virtual machine was started without TornadoVM's options;"
                    + " scripts/rlvr4j --device tornado starts it with them if the SDK is installed");
        }
        return SETTINGS.stream()
                .filter(setting -> !setting.value.equalsIgnoreCase(properties.apply(setting.property)))
                .findFirst()
                .map(setting -> setting.otherwise + ": -D" + setting.property + "=" + setting.value + " is needed");
    }

    @Override
    public List<String> devices() {
        return found().stream().map(TornadoDevices::describe).toList();
    }

    static List<TornadoDevice> found() {
        TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
        var devices = new ArrayList<TornadoDevice>();
        for (int driver = 0; driver < runtime.getNumBackends(); driver++) {
            for (int i = 0; i < runtime.getBackend(driver).getNumDevices(); i++) {
                devices.add(runtime.getBackend(driver).getDevice(i));
            }
        }
        return devices;
    }

    private static String describe(TornadoDevice device) {
        TornadoTargetDevice hardware = device.getPhysicalDevice();
        return "%s by %s, %.1f GB, %.1f GB in one piece"
                .formatted(
                        hardware.getDeviceName().strip(),
                        device.getTornadoVMBackend(),
                        hardware.getDeviceGlobalMemorySize() / 1e9,
                        hardware.getDeviceMaxAllocationSize() / 1e9);
    }

    @Override
    public Backend open(int device, DevicePlan plan, Precision precision) {
        return open(device, plan, DevicePlan.LARGEST_ARRAY, false, precision, TornadoProducts.SCRATCH);
    }

    /**
     * @param largest size of the largest array, in bytes, even if the device gives larger ones
     * @param spreads whether tensors are spread over all arrays; for tests
     * @param given   numbers of weights that a library of products is given at a time, at most
     */
    static TornadoBackend open(
            int device, DevicePlan plan, long largest, boolean spreads, Precision precision, int given) {
        new TornadoDevices().obstacle().ifPresent(obstacle -> {
            throw new IllegalArgumentException("no device of tornado can be used: " + obstacle);
        });
        List<TornadoDevice> all = found();
        if (device < 0 || device >= all.size()) {
            throw new IllegalArgumentException(
                    "there is no device tornado:" + device + ", only " + new TornadoDevices().devices());
        }
        String name = describe(all.get(device));
        requireDoublePrecision(name, all.get(device).getDeviceContext().isFP64Supported());
        TornadoTargetDevice hardware = all.get(device).getPhysicalDevice();
        long inOnePiece = hardware.getDeviceMaxAllocationSize() - HostRange.PAGES;
        ProductLibrary library = precision == Precision.EXACT
                ? null
                : library(precision, name, all.get(device).getTornadoVMBackend(), ProductLibrary.found());
        DevicePlan whole = library == null ? plan : plan.withMore(Role.ACTIVATIONS, (long) given * Float.BYTES);
        var sizes = new Banks.Sizes(whole, Math.min(inOnePiece, largest), spreads);
        requireRoom(name, sizes, hardware.getDeviceGlobalMemorySize());
        var backend = new TornadoBackend(all.get(device), sizes, precision, library, given);
        requireExact(backend, name);
        return backend;
    }

    /** The library that computes products in a precision. */
    static ProductLibrary library(
            Precision precision, String device, TornadoVMBackendType type, Optional<ProductLibrary> found) {
        String needs = device + " does not compute in " + precision.text() + ": ";
        if (type != TornadoVMBackendType.CUDA) {
            throw new IllegalArgumentException(
                    needs + "that is for NVIDIA's devices, by the CUDA backend of TornadoVM (SDK 5.2.0-jdk25-cuda)");
        }
        ProductLibrary library = found.orElseThrow(() -> new IllegalArgumentException(
                needs + "rlvr4j-cublas.jar is needed on the class path, beside rlvr4j-tornado.jar"));
        library.obstacle().ifPresent(obstacle -> {
            throw new IllegalArgumentException(needs + obstacle);
        });
        return library;
    }

    /** Kernels round quotients and roots from double precision, which gives the CPU's bits. */
    static void requireDoublePrecision(String device, boolean hasDoubles) {
        if (!hasDoubles) {
            throw new IllegalArgumentException(device + " has no double precision, which kernels need");
        }
    }

    /**
     * Multiplies small integers, of which none and no sum is rounded in any precision: a driver may fail and TornadoVM only
     * print that it did.
     */
    private static void requireExact(Backend backend, String device) {
        int T = TornadoProducts.ROWS + 17; // more than the rows of a tile, and enough for a library
        int K = 5;
        int N = 33;
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            Buffer x = numbers(arena, (long) T * K);
            Buffer w = numbers(arena, Panels.size(new Shape(N, K)));
            Buffer expected = arena.zeros((long) T * N);
            Buffer y = arena.zeros((long) T * N);
            new ScalarBackend().linear(x, w, null, expected, T, K, N);
            backend.linear(x, w, null, y, T, K, N);
            for (long i = 0; i < y.length(); i++) {
                if (y.get(i) != expected.get(i)) {
                    throw new IllegalArgumentException(device + " computes wrong results: " + y.get(i) + ", not "
                            + expected.get(i) + "; what its driver says may stand above");
                }
            }
        }
    }

    private static Buffer numbers(TensorArena arena, long length) {
        Buffer buffer = arena.allocate(length);
        for (long i = 0; i < length; i++) {
            buffer.set(i, (double) (i % 17) - 8);
        }
        return buffer;
    }

    /** @param memory size of the device's memory, in bytes */
    static void requireRoom(String device, Banks.Sizes sizes, long memory) {
        long needed = sizes.plan().total(sizes.largest());
        if (needed > memory) {
            String roles = sizes.plan().bytes().entrySet().stream()
                    .filter(role -> role.getValue() > 0)
                    .map(role ->
                            "%s %.1f".formatted(role.getKey().name().toLowerCase(Locale.ROOT), role.getValue() / 1e9))
                    .collect(Collectors.joining(", "));
            throw new IllegalArgumentException(
                    "%.1f GB of the device's memory are needed (%s, and what stays empty at the ends of arrays), but %s has %.1f GB; make micro-batches smaller, generate fewer sequences together, train adapters alone by model.lora, or take a smaller model"
                            .formatted(needed / 1e9, roles, device, memory / 1e9));
        }
    }
}
