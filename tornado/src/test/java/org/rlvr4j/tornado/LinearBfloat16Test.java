package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Embedding;
import org.rlvr4j.tensor.KernelComparison;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** Weights that lie on the device as bfloat16, two numbers in a word. */
class LinearBfloat16Test {

    private static final Backend SCALAR = new ScalarBackend();
    private static final int ALL = 1 << 16; // patterns of 16 bits

    private final TornadoBackend backend = TestDevice.backend();
    private final TensorArena arena = new TensorArena(DType.F32, backend.memory());
    private final TensorArena halves = new TensorArena(DType.BF16, backend.memory());

    @AfterEach
    void close() {
        halves.close();
        arena.close();
    }

    @Test
    void everyNumberIsWidenedExactly() {
        for (int bits = 0; bits < ALL; bits++) {
            float expected = Float.intBitsToFloat(bits << 16);
            float actual = DeviceMath.widened(bits | 0x4711_0000);
            assertThat(Float.floatToIntBits(actual)).isEqualTo(Float.floatToIntBits(expected)); // any NaN is the same
        }
    }

    @Test
    void everyNumberIsReadAndCopiedOnTheDevice() {
        int C = 32;
        Buffer numbers = halves.allocate(ALL);
        backend.memory().beforeWrite(numbers);
        for (int i = 0; i < ALL; i++) {
            numbers.segment().setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
        }
        Buffer copy = halves.zeros(ALL);
        copy.copyFrom(numbers);
        Tensor table = Tensor.constant(new Workspace(backend, DType.F32), new Shape(ALL / C, C), Layout.PANELS, copy);
        int[] ids = IntStream.range(0, ALL / C).toArray();
        Buffer expected = arena.zeros(ALL);
        Buffer actual = arena.zeros(ALL);

        backend.embedding(new Embedding(table, ids, null), actual);
        SCALAR.embedding(new Embedding(table, ids, null), expected);

        for (int i = 0; i < ALL; i++) {
            assertThat(copy.segment().getAtIndex(ValueLayout.JAVA_SHORT, i)).isEqualTo((short) i);
            assertThat(Float.floatToIntBits((float) actual.get(i))) // any NaN is the same
                    .isEqualTo(Float.floatToIntBits((float) expected.get(i)));
        }
    }

    /** Sizes beside those of tiles and steps; in tiles of 128 by 128, of 64 by 64, and of 16 by 32. */
    @ParameterizedTest
    @CsvSource({
        "0, 128, 16, 128",
        "0, 127, 17, 129",
        "0, 129, 15, 127",
        "0, 65, 127, 1",
        "0, 129, 1, 63",
        "2, 64, 32, 65",
        "2, 65, 33, 64",
        "2, 129, 31, 63",
        "2, 65, 128, 17",
        "1000, 16, 64, 32",
        "1000, 17, 63, 33",
        "1000, 1, 129, 127",
        "1000, 127, 16, 1",
        "1000, 33, 1, 128"
    })
    void productsAreThoseOfTheWidenedWeight(int enough, int T, int K, int N) {
        var linear = new TornadoLinear(backend.deviceMemory(), enough);
        long size = Panels.size(new Shape(N, K));
        Buffer x = random(arena.zeros((long) T * K), 1);
        Buffer w = random(halves.zeros(size + 2).slice(2, size), 2); // from an odd word on
        Buffer bias = random(arena.zeros(N), 3);
        Buffer dy = random(arena.zeros((long) T * N), 4);
        Buffer expectedDx = random(arena.zeros((long) T * K), 5);
        Buffer dx = random(arena.zeros((long) T * K), 5);
        for (Buffer added : new Buffer[] {bias, null}) {
            Buffer expectedY = arena.zeros((long) T * N);
            Buffer y = arena.zeros((long) T * N);
            SCALAR.linear(x, w, added, expectedY, T, K, N);
            linear.product(x, w, added, y, T, K, N);
            KernelComparison.assertSameBits(y, expectedY);
        }

        SCALAR.linearBackwardInput(dy, w, new Accumulator(expectedDx, true), T, K, N);
        linear.backwardInput(dy, w, new Accumulator(dx, true), T, K, N);
        KernelComparison.assertSameBits(dx, expectedDx);
    }

    @Test
    void halfOfAWordIsRefused() {
        Buffer w = halves.zeros(64).slice(1, 32);

        assertThatThrownBy(() -> backend.linear(arena.zeros(1), w, null, arena.zeros(32), 1, 1, 32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a kernel of the device cannot begin or end between the two bfloat16 numbers of a word,"
                        + " as a buffer of 32 does");
    }

    private static Buffer random(Buffer buffer, long seed) {
        var random = new SplittableRandom(seed);
        for (long i = 0; i < buffer.length(); i++) {
            buffer.set(i, random.nextDouble(-1, 1));
        }
        return buffer;
    }
}
