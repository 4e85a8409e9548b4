package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tornado.places.Bank;
import org.rlvr4j.tornado.places.Ranges;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

class DeviceMemoryTest {

    private final TornadoBackend backend = TestDevice.backend();
    private final DeviceMemory memory = backend.deviceMemory();

    @Test
    void numbersMoveOnlyWhenTheOtherSideNeedsThem() {
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            Buffer a = arena.zeros(100);
            Buffer sum = arena.allocate(100);
            a.set(7, 2);
            Transfers before = backend.transfers();

            backend.add(a, a, sum);
            backend.add(sum, a, sum);
            backend.addTo(a, sum);
            assertThat(moved(before)).containsExactly(1, 0);

            assertThat(sum.get(7)).isEqualTo(8);
            assertThat(sum.get(8)).isZero();
            assertThat(moved(before)).containsExactly(1, 1);

            a.set(8, 1);
            a.set(9, 1);
            backend.addTo(a, sum);
            assertThat(moved(before)).containsExactly(2, 1);
            assertThat(sum.get(9)).isEqualTo(1);
        }
    }

    private long[] moved(Transfers before) {
        Transfers moved = backend.transfers().since(before);
        return new long[] {moved.sent(), moved.received()};
    }

    @Test
    void bufferThatIsUsedAnewIsNotMoved() {
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            Buffer old = arena.zeros(100_000);
            backend.addTo(old, old);
            arena.release();
            Transfers before = backend.transfers();

            Buffer anew = arena.allocate(100_000);
            anew.set(0, 1);

            assertThat(moved(before)).containsExactly(0, 0);
        }
    }

    @Test
    void slicesShareTheNumbersOfTheWhole() {
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            Buffer whole = arena.zeros(64);
            whole.slice(10, 5).set(2, 3);
            backend.scale(whole, 2);
            assertThat(whole.slice(12, 1).get(0)).isEqualTo(6);
            whole.slice(11, 3).zero();
            assertThat(backend.sumOfSquares(whole)).isZero();
        }
    }

    @Test
    void notANumberAndInfinityAreSeen() {
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            Buffer x = arena.zeros(3000);
            x.set(2999, Double.NaN);
            assertThat(backend.sumOfSquares(x)).isNaN();
            x.set(2999, Double.NEGATIVE_INFINITY);
            assertThat(backend.sumOfSquares(x)).isInfinite();
        }
    }

    @Test
    void moreThanThereIsIsRefusedWithWhatIsLeft() {
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            assertThatThrownBy(() -> arena.allocate(1 << 29))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("memory for activations is full: 2147 MB more are needed")
                    .hasMessageContaining("of 268 MB are left")
                    .hasMessageContaining("make micro-batches smaller");
        }
        try (var arena = new TensorArena(DType.F32, backend.memory(), Role.GRADIENTS)) {
            assertThatThrownBy(() -> arena.allocate(1 << 29))
                    .hasMessageContaining("memory for gradients is full")
                    .hasMessageContaining("model.lora");
        }
    }

    @Test
    void tensorsBeginOnLinesOfTheDevicesMemory() {
        for (Role role : Role.values()) {
            try (var arena = new TensorArena(DType.F32, backend.memory(), role)) {
                for (long length : new long[] {1, 31, 33, 7000, 1 << 20}) {
                    Buffer buffer = arena.allocate(length);
                    Ranges.Range range = memory.range(buffer.segment());
                    Bank bank = memory.banks().at(range.start());
                    long offset = TornadoNativeArray.ARRAY_HEADER + 4L * bank.place(range.start());

                    assertThat(bank.role()).isEqualTo(role);
                    assertThat(offset % 128).isZero();
                    assertThat(buffer.segment().address() % 128).isZero();
                }
            }
        }
    }

    @Test
    void numbersThatTheHostWroteAreSentBeforeTheyAreMany() {
        int count = 1 << 22;
        var values = new float[count];
        Arrays.fill(values, 3);
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            List<Buffer> buffers = new ArrayList<>();
            Transfers before = backend.transfers();
            for (int i = 0; i < 12; i++) {
                buffers.add(arena.allocate(count));
                buffers.getLast().set(0, values);
            }
            assertThat(backend.transfers().since(before).sentBytes()).isGreaterThan(12L * count);

            for (Buffer buffer : buffers) {
                assertThat(buffer.get(0)).isEqualTo(3);
                assertThat(buffer.get(count - 1)).isEqualTo(3);
            }
            assertThat(backend.sumOfSquares(buffers.getFirst())).isEqualTo(9.0 * count);
        }
    }

    @Test
    void operandsInAnotherBankAreBorrowedAndCounted() {
        try (var arena = new TensorArena(DType.F32, backend.memory());
                var grads = new TensorArena(DType.F32, backend.memory(), Role.GRADIENTS)) {
            Buffer a = arena.zeros(100);
            Buffer sum = grads.zeros(100);
            a.set(7, 2);
            Transfers before = backend.transfers();

            backend.addTo(a, sum);
            Transfers moved = backend.transfers().since(before);

            assertThat(sum.get(7)).isEqualTo(2);
            assertThat(moved.borrowed()).isBetween(1L, 3L);
            assertThat(moved.borrowedBytes()).isEqualTo(400 * moved.borrowed());
        }
    }

    @Test
    void buffersOfOtherMemoryAreRefused() {
        try (var host = new TensorArena(DType.F32);
                var arena = new TensorArena(DType.F32, backend.memory())) {
            assertThatThrownBy(() -> backend.addTo(host.zeros(3), arena.zeros(3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("3 F32 elements is not in the device's memory");
        }
    }
}
