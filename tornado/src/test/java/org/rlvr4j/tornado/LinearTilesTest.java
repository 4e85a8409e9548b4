package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.KernelComparison;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.scalar.ScalarBackend;

class LinearTilesTest {

    private static final Backend SCALAR = new ScalarBackend();

    private final DeviceMemory memory = (DeviceMemory) TestDevice.backend().memory();

    /** Sizes beside those of tiles and steps; in tiles of 128 by 128, of 64 by 64, and of 16 by 32. */
    @ParameterizedTest
    @CsvSource({
        "0, 128, 16, 128",
        "0, 127, 17, 129",
        "0, 129, 15, 127",
        "0, 65, 127, 1",
        "0, 129, 1, 63",
        "0, 130, 129, 65",
        "2, 64, 32, 65",
        "2, 65, 33, 64",
        "2, 129, 31, 63",
        "2, 63, 65, 127",
        "2, 65, 128, 17",
        "1000, 16, 64, 32",
        "1000, 17, 63, 33",
        "1000, 15, 65, 31",
        "1000, 1, 129, 127",
        "1000, 127, 16, 1",
        "1000, 33, 1, 128"
    })
    void chainsAreTheCpusInTilesOfEachShape(int enough, int T, int K, int N) {
        var linear = new TornadoLinear(memory, enough);
        try (var arena = new TensorArena(DType.F32, memory)) {
            Buffer x = random(arena, (long) T * K, 1);
            Buffer w = random(arena, Panels.size(new Shape(N, K)), 2);
            Buffer bias = random(arena, N, 3);
            Buffer dy = random(arena, (long) T * N, 4);
            Buffer expectedY = arena.zeros((long) T * N);
            Buffer expectedDx = random(arena, (long) T * K, 5);
            Buffer expectedDw = random(arena, w.length(), 6);
            Buffer expectedDb = random(arena, N, 7);
            Buffer y = arena.zeros((long) T * N);
            Buffer dx = random(arena, (long) T * K, 5);
            Buffer dw = random(arena, w.length(), 6);
            Buffer db = random(arena, N, 7);

            SCALAR.linear(x, w, bias, expectedY, T, K, N);
            SCALAR.linearBackwardInput(dy, w, new Accumulator(expectedDx, true), T, K, N);
            SCALAR.linearBackwardWeight(dy, x, new Accumulator(expectedDw, true), T, K, N);
            SCALAR.linearBackwardBias(dy, expectedDb, T, N);
            linear.product(x, w, bias, y, T, K, N);
            linear.backwardInput(dy, w, new Accumulator(dx, true), T, K, N);
            linear.backwardWeight(dy, x, new Accumulator(dw, true), T, K, N);
            linear.backwardBias(dy, db, T, N);

            KernelComparison.assertSameBits(y, expectedY);
            KernelComparison.assertSameBits(dx, expectedDx);
            KernelComparison.assertSameBits(dw, expectedDw);
            KernelComparison.assertSameBits(db, expectedDb);
        }
    }

    @Test
    void sumsThatAreMinusZeroStaySo() {
        var linear = new TornadoLinear(memory);
        try (var arena = new TensorArena(DType.F32, memory)) {
            Buffer x = arena.zeros(5);
            Buffer w = arena.zeros(Panels.size(new Shape(1, 5)));
            Buffer bias = arena.zeros(1);
            Buffer y = arena.zeros(1);
            bias.set(0, -0.0);
            for (int k = 0; k < 5; k++) {
                w.set(Panels.index(0, k, 5), -1);
            }

            linear.product(x, w, bias, y, 1, 5, 1);
            linear.backwardBias(y, bias, 1, 1);

            assertThat(y.get(0)).isEqualTo(-0.0);
            assertThat(bias.get(0)).isEqualTo(-0.0);
        }
    }

    private static Buffer random(TensorArena arena, long length, long seed) {
        Buffer buffer = arena.zeros(length);
        var random = new SplittableRandom(seed);
        for (long i = 0; i < length; i++) {
            buffer.set(i, random.nextDouble(-1, 1));
        }
        return buffer;
    }
}
