package org.rlvr4j.cublas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tornado.library.Product;
import org.rlvr4j.tornado.library.Product.Arg;
import org.rlvr4j.tornado.library.Product.Matrix;
import org.rlvr4j.tornado.library.ProductLibrary;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryContext;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryInvocation;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoLibraryProvider;

/** The provider with a product on the processor in place of cuBLAS's: sizes, places and choices, without a GPU. */
class CublasProviderTest {

    private static final int NUMBERS = 4000; // of an array
    private static final long STREAM = 77;

    private final ArrayList<String> events = new ArrayList<>();
    private final CublasProvider provider = new CublasProvider(stream -> {
        events.add("stream " + stream);
        return new OnProcessor();
    });

    /** A product column by column, as BLAS defines it. */
    @SuppressWarnings("restricted") // any address
    private final class OnProcessor implements Gemm {

        @Override
        public void run(Call call) {
            events.add(call.bfloat16() ? "bfloat16" : "tf32");
            MemorySegment all = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
            for (int j = 0; j < call.n(); j++) {
                for (int i = 0; i < call.m(); i++) {
                    float sum = 0;
                    for (int s = 0; s < call.k(); s++) {
                        long a = call.transposedA() ? (long) i * call.lda() + s : (long) s * call.lda() + i;
                        long b = call.transposedB() ? (long) s * call.ldb() + j : (long) j * call.ldb() + s;
                        sum += number(all, call.a(), a) * number(all, call.b(), b);
                    }
                    long c = (long) j * call.ldc() + i;
                    float before = call.beta() == 0 ? 0 : call.beta() * number(all, call.c(), c);
                    all.set(ValueLayout.JAVA_FLOAT, call.c() + Float.BYTES * c, before + sum);
                }
            }
        }

        private static float number(MemorySegment all, long address, long index) {
            return all.get(ValueLayout.JAVA_FLOAT, address + Float.BYTES * index);
        }

        @Override
        public void close() {
            events.add("closed");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, false",
        "false, true, false",
        "true, false, false",
        "true, true, false",
        "false, false, true",
        "false, true, true",
        "true, false, true",
        "true, true, true"
    })
    void productsAreThoseOfRowsWithStridesAndPlaces(boolean leftTransposed, boolean rightTransposed, boolean adds) {
        int rows = 3;
        int columns = 7;
        int summed = 5;
        int leftStride = (leftTransposed ? rows : summed) + 2;
        int rightStride = (rightTransposed ? summed : columns) + 4;
        int resultStride = columns + 6;
        var p = new IntArray(32);
        p.init(0);
        p.set(Arg.ROWS, rows);
        p.set(Arg.COLUMNS, columns);
        p.set(Arg.SUMMED, summed);
        p.set(Arg.LEFT, 100);
        p.set(Arg.LEFT_FIRST, 3);
        p.set(Arg.LEFT_STRIDE, leftStride);
        p.set(Arg.LEFT_TRANSPOSED, leftTransposed ? 1 : 0);
        p.set(Arg.RIGHT, 200);
        p.set(Arg.RIGHT_FIRST, 11);
        p.set(Arg.RIGHT_STRIDE, rightStride);
        p.set(Arg.RIGHT_TRANSPOSED, rightTransposed ? 1 : 0);
        p.set(Arg.RESULT, 1000);
        p.set(Arg.RESULT_FIRST, 5);
        p.set(Arg.RESULT_STRIDE, resultStride);
        p.set(Arg.ADDS, adds ? 1 : 0);
        p.set(Arg.BFLOAT16, adds ? 1 : 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment left = numbers(arena, 1);
            MemorySegment right = numbers(arena, 2);
            MemorySegment result = numbers(arena, 3);
            float[] expected = result.toArray(ValueLayout.JAVA_FLOAT);
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    float sum = 0;
                    for (int s = 0; s < summed; s++) {
                        int l = leftTransposed ? s * leftStride + r : r * leftStride + s;
                        int n = rightTransposed ? c * rightStride + s : s * rightStride + c;
                        sum += left.getAtIndex(ValueLayout.JAVA_FLOAT, 103 + l)
                                * right.getAtIndex(ValueLayout.JAVA_FLOAT, 211 + n);
                    }
                    int at = 1005 + r * resultStride + c;
                    expected[at] = adds ? expected[at] + sum : sum;
                }
            }
            LibraryContext context = provider.context(STREAM);

            provider.dispatch(Product.FUNCTION, invocation(left, right, result, p, context));
            provider.destroyContext(context);

            assertThat(result.toArray(ValueLayout.JAVA_FLOAT)).isEqualTo(expected);
        }
        assertThat(events).containsExactly("stream 77", adds ? "bfloat16" : "tf32", "closed");
    }

    private static LibraryInvocation invocation(
            MemorySegment left, MemorySegment right, MemorySegment result, IntArray p, LibraryContext context) {
        return new LibraryInvocation(
                new Object[] {left, right, result, p},
                new long[] {left.address(), right.address(), result.address(), 0},
                new boolean[] {true, true, true, true},
                null,
                1,
                context,
                null);
    }

    private static MemorySegment numbers(Arena arena, long seed) {
        var random = new SplittableRandom(seed);
        MemorySegment numbers = arena.allocate(ValueLayout.JAVA_FLOAT, NUMBERS);
        for (int i = 0; i < NUMBERS; i++) {
            numbers.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return numbers;
    }

    @Test
    void addressesHaveSixtyFourBits() {
        var far = new Matrix(4_000_000_000L, 1, false);

        Gemm.Call call = Gemm.Call.of(new Product(1, 1, 1, far, far, far, false, false), 1L << 40, 2L << 40, 3L << 40);

        assertThat(call.b()).isEqualTo((1L << 40) + 16_000_000_000L);
        assertThat(call.a()).isEqualTo((2L << 40) + 16_000_000_000L);
        assertThat(call.c()).isEqualTo((3L << 40) + 16_000_000_000L);
    }

    @Test
    void otherFunctionsAreRefused() {
        assertThatThrownBy(() -> provider.dispatch(
                        "sum", new LibraryInvocation(new Object[0], new long[0], new boolean[0], null, 1, null, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rlvr4j/cublas has the function product only, not sum");
    }

    @Test
    void failuresSayWhatFailedAndWhy() {
        Cublas.require("cublasGemmEx", 0);
        assertThatThrownBy(() -> Cublas.require("cublasGemmEx of 1 by 2 by 3", 13))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("cublasGemmEx of 1 by 2 by 3 failed: the product did not run on the device (status 13)");
    }

    @Test
    void providerAndLibraryAreFoundByTheSameName() {
        assertThat(ServiceLoader.load(TornadoLibraryProvider.class))
                .filteredOn(CublasProvider.class::isInstance)
                .singleElement()
                .satisfies(found -> assertThat(found.libraryName())
                        .isEqualTo(ProductLibrary.found().orElseThrow().name()));
    }
}
