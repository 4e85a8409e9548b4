package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/**
 * Compares a backend's kernels with the scalar backend's: bit by bit, or with the scalar backend in double precision
 * within rounding.
 *
 * <p>Inputs are from -1 to 1. A sum of n products in single precision may be off by n roundings of numbers that reach
 * sqrt(n) in size: hence the tolerance.
 */
public interface KernelComparison {

    Backend backend();

    /** Whether the backend's bits are those of the scalar backend in single precision. */
    default boolean isExact() {
        return false;
    }

    ScalarBackend SCALAR = new ScalarBackend();
    ScalarBackend DOUBLE = ScalarBackend.inDoublePrecision();
    Map<Backend, TensorArena> SINGLES = new ConcurrentHashMap<>();
    Map<Backend, TensorArena> BFLOATS = new ConcurrentHashMap<>();

    /** Where the backend's kernels find what they work on. */
    default TensorArena arena() {
        return SINGLES.computeIfAbsent(backend(), backend -> new TensorArena(DType.F32, backend.memory()));
    }

    default TensorArena bfloats() {
        return BFLOATS.computeIfAbsent(backend(), backend -> new TensorArena(DType.BF16, backend.memory()));
    }

    @AfterEach
    default void close() {
        Stream.of(SINGLES, BFLOATS)
                .flatMap(arenas -> Stream.ofNullable(arenas.remove(backend())))
                .forEach(TensorArena::close);
    }

    /** A kernel that writes one buffer. */
    interface Kernel {
        void run(Backend backend, Buffer out);
    }

    /** A kernel that writes one gradient. */
    interface GradientKernel {
        void run(Backend backend, Accumulator gradient);
    }

    default void same(int terms, int size, Kernel kernel) {
        same(terms, () -> positive(size), kernel);
    }

    /** A gradient that is begun, whatever is in its memory, and one that is added to. */
    default void sameGradient(int terms, int size, GradientKernel kernel) {
        sameGradient(terms, () -> positive(size), kernel);
    }

    default void sameGradient(int terms, Supplier<Buffer> content, GradientKernel kernel) {
        same(terms, content, (b, gradient) -> kernel.run(b, new Accumulator(gradient, true)));
        same(terms, content, (b, gradient) -> kernel.run(b, new Accumulator(gradient, false)));
    }

    /** Both backends start from the same content of the output, and must end alike. */
    default void same(int terms, Supplier<Buffer> content, Kernel kernel) {
        Buffer expected = content.get();
        Buffer actual = content.get();
        kernel.run(isExact() ? SCALAR : DOUBLE, expected);
        kernel.run(backend(), actual);
        if (isExact()) {
            assertSameBits(actual, expected);
            return;
        }
        double tolerance = 2e-7 * terms + 1e-6;
        for (int i = 0; i < expected.length(); i++) {
            assertThat(actual.get(i)).as("element %d", i).isCloseTo(expected.get(i), within(tolerance));
        }
    }

    default Workspace workspace() {
        return new Workspace(backend(), DType.F32);
    }

    default Tensor constant(int rows, int cols, long seed) {
        return Tensor.constant(workspace(), new Shape(rows, cols), random(rows * cols, seed));
    }

    /** Numbers as a column. */
    default Tensor column(Buffer numbers) {
        return Tensor.constant(workspace(), new Shape(Math.toIntExact(numbers.length()), 1), numbers);
    }

    default Buffer random(int n, long seed) {
        var random = new SplittableRandom(seed);
        Buffer buffer = arena().allocate(n);
        for (int i = 0; i < n; i++) {
            buffer.set(i, random.nextDouble(-1, 1));
        }
        return buffer;
    }

    default Buffer positive(int n) {
        Buffer buffer = random(n, 77);
        for (int i = 0; i < n; i++) {
            buffer.set(i, Math.abs(buffer.get(i)));
        }
        return buffer;
    }

    default Buffer panels(int N, int K, long seed) {
        Buffer buffer = arena().zeros(Panels.size(new Shape(N, K)));
        Buffer values = random(N * K, seed);
        for (int n = 0; n < N; n++) {
            for (int k = 0; k < K; k++) {
                buffer.set(Panels.index(n, k, K), values.get((long) n * K + k));
            }
        }
        return buffer;
    }

    static void assertSameBits(Buffer actual, Buffer expected) {
        actual.memory().beforeRead(actual);
        expected.memory().beforeRead(expected);
        long at = actual.segment().mismatch(expected.segment()) / actual.type().bytes();
        if (actual.segment().mismatch(expected.segment()) >= 0) {
            assertThat(actual.get(at))
                    .as("element %d of %d", at, actual.length())
                    .isEqualTo(expected.get(at));
        }
        assertThat(actual.segment().mismatch(expected.segment())).isEqualTo(-1);
    }
}
