package org.rlvr4j.tensor.vector;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.function.Consumer;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/**
 * Detection of vector support: whether this Java virtual machine runs vector kernels as vector instructions. If it does
 * not, every vector is an object, and the kernels are a hundred times slower than plain loops.
 */
public final class VectorSupport {

    private static final String MODULE = "jdk.incubator.vector";
    private static final int OPTIMIZING_TIER = 4;

    private VectorSupport() {}

    /**
     * Vector backend, or the scalar one if there is an {@link #obstacle}.
     *
     * @param threads number of threads of the vector backend
     * @param warning receives the obstacle, if there is one
     * @throws IllegalStateException if there is no fused multiply-add
     */
    public static Backend backend(int threads, Consumer<String> warning) {
        requireFusedMultiplyAdd();
        Optional<String> obstacle = obstacle();
        obstacle.ifPresent(warning);
        return obstacle.isEmpty() ? new VectorBackend(threads) : new ScalarBackend();
    }

    /** Reason why the vector kernels cannot be used, as a clause; empty if they can. */
    public static Optional<String> obstacle() {
        if (!hasModule()) {
            return Optional.of("the module " + MODULE + " is missing (--add-modules " + MODULE + ")");
        }
        if (!option("UseCompiler", "true").equals("true")
                || number("TieredStopAtLevel", OPTIMIZING_TIER) < OPTIMIZING_TIER
                || option("EnableVectorSupport", "true").equals("false")) {
            return Optional.of("the optimizing compiler or its vector support is switched off");
        }
        int bytes = VectorMath.LANES * Float.BYTES;
        if (number("MaxVectorSize", bytes) < bytes) {
            return Optional.of("vectors of " + bytes + " bytes are wider than MaxVectorSize allows");
        }
        return isExact() ? Optional.empty() : Optional.of("they compute wrong results here");
    }

    /** @throws IllegalStateException if the module of the Vector API is missing; the message says what to do */
    static void requireModule() {
        if (!hasModule()) {
            throw new IllegalStateException("the vector backend needs the option --add-modules " + MODULE
                    + " of java; without it, use ScalarBackend, which is many times slower");
        }
    }

    /**
     * Requires what every sum of products has in each of its steps.
     *
     * @throws IllegalStateException if the processor, or an option of the virtual machine, leaves it out
     */
    static void requireFusedMultiplyAdd() {
        if (option("UseFMA", "true").equals("false")) {
            throw new IllegalStateException("this processor has no fused multiply-add, or -XX:-UseFMA switches it off;"
                    + " without it every sum would have other bits, and be a hundred times slower: run on a processor"
                    + " that has it, x86 of 2013 (AVX2) or later, or any 64-bit ARM");
        }
    }

    private static boolean hasModule() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    private static int number(String name, int fallback) {
        return Integer.parseInt(option(name, String.valueOf(fallback)));
    }

    /** Setting of the virtual machine; not every machine has it or shows it. */
    private static String option(String name, String fallback) {
        try {
            return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .getVMOption(name)
                    .getValue();
        } catch (IllegalArgumentException e) {
            return fallback;
        }
    }

    /** Multiplies small integers, whose sums are never rounded, with both backends, and compares the results. */
    private static boolean isExact() {
        int T = VectorTile.ROWS + 1; // a whole tile, and one row of the next
        int K = 5;
        int N = 33; // a strip, and one column of the next
        try (var arena = new TensorArena(DType.F32);
                var vector = new VectorBackend(1)) {
            Buffer x = numbers(arena, (long) T * K);
            Buffer w = numbers(arena, Panels.size(new Shape(N, K)));
            Buffer expected = arena.zeros((long) T * N);
            Buffer y = arena.zeros((long) T * N);
            new ScalarBackend().linear(x, w, null, expected, T, K, N);
            vector.linear(x, w, null, y, T, K, N);
            return y.segment().mismatch(expected.segment()) < 0;
        }
    }

    private static Buffer numbers(TensorArena arena, long length) {
        Buffer buffer = arena.allocate(length);
        for (long i = 0; i < length; i++) {
            buffer.set(i, (double) (i % 17) - 8);
        }
        return buffer;
    }
}
