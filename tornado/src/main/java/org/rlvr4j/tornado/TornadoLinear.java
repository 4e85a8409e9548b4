package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.WEIGHTS;
import static org.rlvr4j.tornado.Kernel.GRADS;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Linear layer: its three products, in tiles of a shape that suits their sizes, and the gradient of its bias.
 *
 * <p>Each number is one chain of additions in the order of the summed index, whatever the sizes and the tiles are; so a
 * row's numbers do not depend on the rows beside it. Unless there are {@link TornadoProducts}: products of many rows are
 * theirs then.
 */
final class TornadoLinear {

    private static final int NO_BIAS = -1;
    private static final int ENOUGH = 192; // groups that keep a large device busy
    private static final int WIDTH = 32; // columns that a group adds up
    private static final int READERS = 8; // threads that read a column
    private static final int STEP = 128; // rows that they read before these are added

    private static final List<Tiling> FORWARD = tilings(
            "kLinear",
            LinearTiles::kLinear,
            LinearTiles::kLinearMedium,
            LinearTiles::kLinearNarrow,
            in(ACTIVATIONS, LinearTiles.Arg.LEFT, LinearTiles.Arg.RESULT),
            in(WEIGHTS, LinearTiles.Arg.RIGHT, LinearTiles.Arg.BIAS));
    private static final List<Tiling> FORWARD_BFLOAT16 = tilings(
            "kLinearBfloat16",
            LinearTiles::kLinearBfloat16,
            LinearTiles::kLinearBfloat16Medium,
            LinearTiles::kLinearBfloat16Narrow,
            in(WEIGHTS, LinearTiles.Arg.BIAS),
            in(WEIGHTS, LinearTiles.Arg.RIGHT),
            in(ACTIVATIONS, LinearTiles.Arg.LEFT, LinearTiles.Arg.RESULT));
    private static final List<Tiling> INPUT = tilings(
            "kLinearInput",
            LinearTiles::kLinearInput,
            LinearTiles::kLinearInputMedium,
            LinearTiles::kLinearInputNarrow,
            in(ACTIVATIONS, LinearTiles.Arg.LEFT, LinearTiles.Arg.RESULT),
            in(WEIGHTS, LinearTiles.Arg.RIGHT));
    private static final List<Tiling> INPUT_BFLOAT16 = tilings(
            "kLinearInputBfloat16",
            LinearTiles::kLinearInputBfloat16,
            LinearTiles::kLinearInputBfloat16Medium,
            LinearTiles::kLinearInputBfloat16Narrow,
            in(WEIGHTS, LinearTiles.Arg.RIGHT),
            in(ACTIVATIONS, LinearTiles.Arg.LEFT, LinearTiles.Arg.RESULT));
    private static final List<Tiling> WEIGHT = tilings(
            "kLinearWeight",
            LinearTiles::kLinearWeight,
            LinearTiles::kLinearWeightMedium,
            LinearTiles::kLinearWeightNarrow,
            in(ACTIVATIONS, LinearTiles.Arg.LEFT, LinearTiles.Arg.RIGHT),
            in(GRADS, LinearTiles.Arg.RESULT));
    private static final Kernel BIAS = Kernel.of(
            TornadoLinear.class,
            "kLinearBias",
            TornadoLinear::kLinearBias,
            WIDTH,
            READERS,
            in(ACTIVATIONS, Arg.DY),
            in(GRADS, Arg.DB));

    static final List<Kernel> KERNELS = Stream.concat(
                    Stream.of(FORWARD, FORWARD_BFLOAT16, INPUT, INPUT_BFLOAT16, WEIGHT)
                            .flatMap(List::stream)
                            .map(Tiling::kernel),
                    Stream.of(BIAS))
            .toList();

    private final DeviceMemory memory;
    private final int enough;
    private final @Nullable TornadoProducts products;

    TornadoLinear(DeviceMemory memory) {
        this(memory, ENOUGH);
    }

    /** @param enough groups that keep the device busy: the largest tiles of which there are so many are used */
    TornadoLinear(DeviceMemory memory, int enough) {
        this(memory, enough, null);
    }

    /** @param products products by a library where they suit; null for none, which is exact */
    TornadoLinear(DeviceMemory memory, @Nullable TornadoProducts products) {
        this(memory, ENOUGH, products);
    }

    private TornadoLinear(DeviceMemory memory, int enough, @Nullable TornadoProducts products) {
        this.memory = memory;
        this.enough = enough;
        this.products = products;
    }

    /** Arguments of the kernel of the bias. */
    private static final class Arg {
        static final int T = 0, N = 1, DY = 2, DB = 3;
    }

    /**
     * A product in tiles of one shape.
     *
     * @param R rows of a thread
     * @param C columns of a thread
     */
    private record Tiling(Kernel kernel, int R, int C) {

        /** Whether a result has enough of these tiles, and rows to fill them. */
        boolean suits(int rows, int columns, int enough) {
            int height = R * kernel.localY();
            int width = C * kernel.localX();
            return rows > height / 2 && (long) Math.ceilDiv(rows, height) * Math.ceilDiv(columns, width) >= enough;
        }
    }

    /** A product in tiles of 128 by 128, 64 by 64 and 16 by 32, whose shapes are constants of the kernels too. */
    private static <A> List<Tiling> tilings(
            String name,
            Task5<KernelContext, A, FloatArray, IntArray, IntArray> large,
            Task5<KernelContext, A, FloatArray, IntArray, IntArray> medium,
            Task5<KernelContext, A, FloatArray, IntArray, IntArray> narrow,
            Kernel.Operands a,
            Kernel.Operands b) {
        return List.of(
                new Tiling(Kernel.of(LinearTiles.class, name, large, 16, 16, a, b), 8, 8),
                new Tiling(Kernel.of(LinearTiles.class, name + "Medium", medium, 16, 8, a, b), 8, 4),
                new Tiling(Kernel.of(LinearTiles.class, name + "Narrow", narrow, 32, 4, a, b), 4, 1));
    }

    /** A product with a weight stored as bfloat16, in the same tiles. */
    private static List<Tiling> tilings(
            String name,
            Task6<KernelContext, FloatArray, IntArray, FloatArray, IntArray, IntArray> large,
            Task6<KernelContext, FloatArray, IntArray, FloatArray, IntArray, IntArray> medium,
            Task6<KernelContext, FloatArray, IntArray, FloatArray, IntArray, IntArray> narrow,
            Kernel.Operands a,
            Kernel.Operands b,
            Kernel.Operands d) {
        return List.of(
                new Tiling(Kernel.of(LinearTiles.class, name, large, 16, 16, a, b, d), 8, 8),
                new Tiling(Kernel.of(LinearTiles.class, name + "Medium", medium, 16, 8, a, b, d), 8, 4),
                new Tiling(Kernel.of(LinearTiles.class, name + "Narrow", narrow, 32, 4, a, b, d), 4, 1));
    }

    /** {@code y = x W' + b}. */
    void product(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N) {
        if (products != null && products.suits(T, K)) {
            products.forward(x, w, bias, y, T, K, N);
            return;
        }
        run(w.type() == DType.BF16 ? FORWARD_BFLOAT16 : FORWARD, T, N, K, launch -> {
            launch.read(LinearTiles.Arg.LEFT, x).read(LinearTiles.Arg.RIGHT, w).write(LinearTiles.Arg.RESULT, y);
            return bias == null ? launch.set(LinearTiles.Arg.BIAS, NO_BIAS) : launch.read(LinearTiles.Arg.BIAS, bias);
        });
    }

    /** {@code dx += dy W}. */
    void backwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N) {
        if (products != null && products.suits(T, K)) {
            products.backwardInput(dy, w, dx, T, K, N);
            return;
        }
        run(w.type() == DType.BF16 ? INPUT_BFLOAT16 : INPUT, T, K, N, launch -> launch.read(LinearTiles.Arg.LEFT, dy)
                .read(LinearTiles.Arg.RIGHT, w)
                .update(LinearTiles.Arg.RESULT, dx.sum()));
    }

    /** {@code dw += dy' x}, the sum so far continued over t. */
    void backwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N) {
        if (products != null && products.suits(T, K)) {
            products.backwardWeight(dy, x, dw, T, K, N);
            return;
        }
        run(WEIGHT, K, N, T, launch -> launch.read(LinearTiles.Arg.LEFT, x)
                .read(LinearTiles.Arg.RIGHT, dy)
                .update(LinearTiles.Arg.RESULT, dw.sum()));
    }

    /** Runs a product in the largest tiles that suit its size. */
    private void run(List<Tiling> tilings, int rows, int columns, int summed, UnaryOperator<Launch> matrices) {
        Tiling tiling = tilings.stream()
                .filter(shape -> shape.suits(rows, columns, enough))
                .findFirst()
                .orElse(tilings.getLast());
        Launch launch = memory.launch(tiling.kernel())
                .set(LinearTiles.Arg.ROWS, rows)
                .set(LinearTiles.Arg.COLUMNS, columns)
                .set(LinearTiles.Arg.SUMMED, summed);
        matrices.apply(launch).runThreads(Math.ceilDiv(columns, tiling.C()), Math.ceilDiv(rows, tiling.R()));
    }

    /** {@code db += sum over t of dy}. */
    void backwardBias(Buffer dy, Buffer db, int T, int N) {
        memory.launch(BIAS)
                .set(Arg.T, T)
                .set(Arg.N, N)
                .read(Arg.DY, dy)
                .update(Arg.DB, db)
                .runThreads(N);
    }

    /** A group for each {@link #WIDTH} columns: all of its threads read rows, and one for a column adds them up. */
    static void kLinearBias(KernelContext c, FloatArray m, FloatArray grads, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int x = c.localIdx;
        int y = c.localIdy;
        int n = WIDTH * c.groupIdx + x;
        int T = p.get(Arg.T);
        int N = p.get(Arg.N);
        int from = p.get(Arg.DY);
        float[] tile = c.allocateFloatLocalArray(STEP * WIDTH);
        float sum = 0f;
        if (y == 0 && n < N) {
            sum = grads.get(p.get(Arg.DB) + n);
        }
        for (int t0 = 0; t0 < T; t0 += STEP) {
            float[] next = new float[STEP / READERS];
            for (int i = 0; i < STEP / READERS; i++) {
                int t = t0 + READERS * i + y;
                float dy = -0f; // leaves every sum as it is
                if (t < T && n < N) {
                    dy = m.get(from + t * N + n);
                }
                next[i] = dy;
            }
            for (int i = 0; i < STEP / READERS; i++) {
                tile[(READERS * i + y) * WIDTH + x] = next[i];
            }
            c.localBarrier();
            if (y == 0) {
                for (int t = 0; t < STEP; t++) {
                    sum += tile[t * WIDTH + x];
                }
            }
            c.localBarrier();
        }
        if (y == 0 && n < N) {
            grads.set(p.get(Arg.DB) + n, sum);
        }
    }
}
