package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DeviceProvider;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** Devices that TornadoVM reaches, if the virtual machine was started with its options. */
public final class TornadoDevices implements DeviceProvider {

    /** Set by TornadoVM's options; to touch a class of its without them is an error. */
    private static final String IMPLEMENTATION = "tornado.load.api.implementation";

    private static final String BAILOUT = "tornado.recover.bailout";
    private static final long MOST_NUMBERS = Integer.MAX_VALUE - 1024; // an index is an int

    @Override
    public String name() {
        return "tornado";
    }

    @Override
    public Optional<String> obstacle() {
        Optional<String> obstacle = obstacle(System.getProperty(IMPLEMENTATION), System.getProperty(BAILOUT));
        if (obstacle.isEmpty() && found().isEmpty()) {
            return Optional.of("TornadoVM finds no device: is a driver for OpenCL, PTX or CUDA installed");
        }
        return obstacle;
    }

    static Optional<String> obstacle(@Nullable String implementation, @Nullable String bailout) {
        if (implementation == null) {
            return Optional.of("the virtual machine was started without TornadoVM's options;"
                    + " scripts/rlvr4j --device tornado starts it with them if the SDK is installed");
        }
        if (!"false".equalsIgnoreCase(bailout)) {
            return Optional.of("TornadoVM would run a kernel that it cannot compile as plain Java, wrongly:"
                    + " -Dtornado.recover.bailout=false is needed");
        }
        return Optional.empty();
    }

    @Override
    public List<String> devices() {
        return found().stream().map(TornadoDevices::describe).toList();
    }

    private static List<TornadoDevice> found() {
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
    public Backend open(int device, long bytes) {
        obstacle().ifPresent(obstacle -> {
            throw new IllegalArgumentException("no device of tornado can be used: " + obstacle);
        });
        List<TornadoDevice> all = found();
        if (device < 0 || device >= all.size()) {
            throw new IllegalArgumentException("there is no device tornado:" + device + ", only " + devices());
        }
        TornadoTargetDevice hardware = all.get(device).getPhysicalDevice();
        long most = Math.min(
                Math.min(hardware.getDeviceGlobalMemorySize(), hardware.getDeviceMaxAllocationSize()),
                MOST_NUMBERS * Float.BYTES);
        requireRoom(describe(all.get(device)), bytes, most);
        var backend = new TornadoBackend(all.get(device), Math.toIntExact(Math.ceilDiv(bytes, Float.BYTES)));
        requireExact(backend, describe(all.get(device)));
        return backend;
    }

    /** Multiplies small integers, of which no sum is rounded: a driver may fail and TornadoVM only print that it did. */
    private static void requireExact(Backend backend, String device) {
        int T = TornadoLinear.TILE + 1;
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

    /** @param most size of the largest array that the device gives, in bytes */
    static void requireRoom(String device, long bytes, long most) {
        if (bytes > most) {
            throw new IllegalArgumentException(
                    "%.1f GB in one piece of the device's memory are needed, but %s gives at most %.1f GB (and an array of TornadoVM's holds 8.6 GB); make micro-batches smaller, or generate fewer sequences together"
                            .formatted(bytes / 1e9, device, most / 1e9));
        }
    }
}
