package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** Where numbers are kept: arenas, buffers, panels and the pages of a cache. */
class MemoryTest {

    private static final long LINE = 128;

    @ParameterizedTest
    @EnumSource
    void buffersOfAnArenaDoNotOverlap(DType type) {
        try (var arena = new TensorArena(type)) {
            Buffer a = arena.zeros(3);
            Buffer b = arena.zeros(5);

            fill(a, 1);
            fill(b, 2);

            assertThat(a.length()).isEqualTo(3);
            assertThat(a.get(2)).isEqualTo(1);
            assertThat(b.get(0)).isEqualTo(2);
            assertThat(b.segment().address() % 64).isZero();
        }
    }

    @Test
    void arenaHandsOutTheSameMemoryAfterRelease() {
        try (var arena = new TensorArena(DType.F32)) {
            long first = arena.allocate(100).segment().address();
            arena.allocate(20_000_000); // more than a block
            long capacity = arena.capacity();
            arena.release();

            assertThat(arena.allocate(100).segment().address()).isEqualTo(first);
            arena.allocate(20_000_000);
            assertThat(arena.capacity()).isEqualTo(capacity);
        }
    }

    @Test
    void forgottenResultIsComputedAgainWhenItIsRead() {
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32)) {
            Tensor gate = learned(workspace, 1, -2);
            Tensor y = SwiGlu.forward(gate, workspace.column(3, 4));
            double before = y.get(1);
            y.forget();
            workspace.column(7, 7); // takes the memory of y

            assertThat(y.get(1)).isEqualTo(before);
            assertThat(workspace.peak()).isEqualTo(4 * LINE);
        }
    }

    @Test
    void forgottenResultThatTheBackwardPassDoesNotReadIsNeverComputedAgain() {
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32)) {
            Tensor a = learned(workspace, 1, 2);
            Tensor b = a.times(3);
            Tensor sum = Add.forward(a, b);
            b.forget();
            Autograd.backward(sum.sum());

            assertThat(a.grad().get(1)).isEqualTo(4);
            assertThatThrownBy(b::data).hasMessage("the result of Affine was forgotten");
        }
    }

    private static Tensor learned(Workspace workspace, double... values) {
        Buffer data = workspace.column(values).data();
        return Tensor.parameter(workspace, new Shape(values.length, 1), data);
    }

    @Test
    void bufferGivenBackServesTheNextThatIsAsLong() {
        try (var arena = new TensorArena(DType.F32)) {
            Buffer buffer = arena.allocate(100);
            long peak = arena.peak();
            arena.recycle(buffer);

            assertThat(arena.allocate(101).segment().address())
                    .isNotEqualTo(buffer.segment().address());
            assertThat(arena.allocate(100)).isEqualTo(buffer);
            assertThat(arena.allocate(100)).isNotEqualTo(buffer);
            assertThat(arena.peak()).isEqualTo(peak + 2 * 512);
        }
    }

    @Test
    void whatWasHandedOutSinceAMarkIsTakenBackButOnce() {
        try (var arena = new TensorArena(DType.F32)) {
            Buffer before = arena.allocate(100);
            arena.recycle(before);
            TensorArena.Mark mark = arena.mark();
            arena.allocate(100); // is the one before
            Buffer since = arena.allocate(100);
            arena.recycle(since);
            arena.release(mark);

            assertThat(arena.allocate(100)).isEqualTo(before);
            assertThat(arena.allocate(100)).isEqualTo(since);
            assertThat(arena.allocate(100)).isNotEqualTo(since);
        }
    }

    @Test
    void zerosAreZerosInMemoryThatWasUsed() {
        try (var arena = new TensorArena(DType.F64)) {
            fill(arena.allocate(50), 3);
            arena.release();

            Buffer zeros = arena.zeros(50);

            for (int i = 0; i < 50; i++) {
                assertThat(zeros.get(i)).isZero();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "-2.5, -2.5",
        "1.00390625, 1", // halfway between 1 and 1 + 2^-7: to the even one
        "1.01171875, 1.015625", // halfway between 1 + 2^-7 and 1 + 2^-6: to the even one
        "1.00390637, 1.0078125", // just above halfway
        "3.39e38, 3.3895314e38", // the largest bfloat16
        "3.4028235e38, Infinity", // the largest single is nearer to the next power of two
        "-Infinity, -Infinity",
        "-0.0, -0.0",
        "NaN, NaN"
    })
    void bfloat16IsTheNearestWithTiesToEven(float value, float expected) {
        try (var arena = new TensorArena(DType.BF16)) {
            Buffer buffer = arena.zeros(1);

            buffer.set(0, value);

            assertThat((float) buffer.get(0)).isEqualTo(Float.valueOf(expected)); // boxed: NaN is NaN, and -0 is not 0
        }
    }

    @ParameterizedTest
    @EnumSource
    void consecutiveNumbersAreStoredAsSingleOnes(DType type) {
        float[] values = {0.1f, -3, Float.MIN_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY};
        try (var arena = new TensorArena(type)) {
            Buffer single = arena.zeros(7);
            Buffer together = arena.zeros(7);
            for (int i = 0; i < values.length; i++) {
                single.set(1 + i, values[i]);
            }
            together.set(1, values);

            assertThat(together.segment().mismatch(single.segment())).isEqualTo(-1);
            assertThat(together.get(2)).isEqualTo(-3);
        }
    }

    @Test
    void notANumberWhosePayloadIsCutOffStaysNotANumber() {
        assertThat(Buffer.toBfloat16(Float.intBitsToFloat(0x7f800001))).isEqualTo((short) 0x7fc0);
    }

    @Test
    void sliceIsAViewAndCopyIsNot() {
        try (var arena = new TensorArena(DType.F32)) {
            Buffer buffer = arena.zeros(10);
            Buffer copy = arena.zeros(4);

            buffer.slice(3, 4).set(0, 7);
            copy.copyFrom(buffer.slice(3, 4));
            buffer.add(3, 1);

            assertThat(buffer.get(3)).isEqualTo(8);
            assertThat(copy.get(0)).isEqualTo(7);
            assertThatThrownBy(() -> copy.copyFrom(buffer))
                    .hasMessage("cannot copy 10 F32 elements into 4 F32 elements");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "31, 3", "32, 3", "33, 5", "100, 7"})
    void panelsHoldEveryElementOnceAndOutputsOfAPanelSideBySide(int N, int K) {
        Set<Long> places = new HashSet<>();
        for (int n = 0; n < N; n++) {
            for (int k = 0; k < K; k++) {
                places.add(Panels.index(n, k, K));
                if (n % Panels.WIDTH > 0) {
                    assertThat(Panels.index(n, k, K)).isEqualTo(Panels.index(n - 1, k, K) + 1);
                }
            }
        }

        assertThat(places).hasSize(N * K).allMatch(place -> place >= 0 && place < Panels.size(new Shape(N, K)));
    }

    @Test
    void pagesOfACacheComeBack() {
        var workspace = new Workspace(new ScalarBackend(), DType.F32);
        try (var cache = new PagedCache(workspace, 2, new Heads(4, 2, 8), 3)) {
            assertThat(List.of(cache.take(), cache.take(), cache.take())).doesNotHaveDuplicates();
            assertThat(cache.available()).isZero();
            assertThatThrownBy(cache::take).isInstanceOf(IllegalStateException.class);
            cache.giveBack(1);
            assertThat(cache.take()).isEqualTo(1);
        }
        assertThat(PagedCache.pagesFor(0)).isZero();
        assertThat(PagedCache.pagesFor(64)).isEqualTo(1);
        assertThat(PagedCache.pagesFor(65)).isEqualTo(2);
    }

    private static void fill(Buffer buffer, double value) {
        for (long i = 0; i < buffer.length(); i++) {
            buffer.set(i, value);
        }
    }
}
