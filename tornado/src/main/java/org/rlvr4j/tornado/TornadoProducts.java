package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.WEIGHTS;
import static org.rlvr4j.tornado.Kernel.GRADS;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DeviceProvider.Precision;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tornado.library.Product;
import org.rlvr4j.tornado.library.ProductLibrary;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The three products of a linear layer by a library that uses tensor cores, which rounds the factors.
 *
 * <p>A library knows no panels: a kernel writes as many features of the weight as scratch holds as a matrix (K, N), and a
 * gradient of the weight is made there, and then added to the panels. That is worth it for many rows only.
 */
final class TornadoProducts implements AutoCloseable {

    /** Rows from which products are the library's; with fewer, copying the weight would take longer than the product. */
    static final int ROWS = 64;

    /** Numbers of scratch: it stays in a large device's cache. */
    static final int SCRATCH = 1 << 23;

    private static final Kernel UNPACK = Kernel.of(
            TornadoProducts.class,
            "kUnpack",
            TornadoProducts::kUnpack,
            TornadoElements.GROUP,
            1,
            in(WEIGHTS, Arg.WEIGHT),
            in(ACTIVATIONS, Arg.MATRIX));
    private static final Kernel UNPACK_BFLOAT16 = Kernel.of(
            TornadoProducts.class,
            "kUnpackBfloat16",
            TornadoProducts::kUnpackBfloat16,
            TornadoElements.GROUP,
            1,
            in(WEIGHTS, Arg.WEIGHT),
            in(ACTIVATIONS, Arg.MATRIX));
    private static final Kernel ADD_TO_PANELS = Kernel.of(
            TornadoProducts.class,
            "kAddToPanels",
            TornadoProducts::kAddToPanels,
            TornadoElements.GROUP,
            1,
            in(ACTIVATIONS, Arg.MATRIX),
            in(GRADS, Arg.WEIGHT));
    private static final Kernel FILL_ROWS = Kernel.of(
            TornadoProducts.class,
            "kFillRows",
            TornadoProducts::kFillRows,
            TornadoElements.GROUP,
            1,
            in(WEIGHTS, Arg.WEIGHT),
            in(ACTIVATIONS, Arg.MATRIX));

    private final DeviceMemory memory;
    private final Precision precision;
    private final Kernel product;
    private final TensorArena arena;
    private final Buffer scratch;

    /**
     * @param memory    memory with {@link #KERNELS} and the product among its kernels
     * @param precision what factors are rounded to
     * @param product   kernel that {@link #product(ProductLibrary)} has made
     * @param numbers   numbers of a weight that the library is given at a time, at most
     */
    TornadoProducts(DeviceMemory memory, Precision precision, Kernel product, int numbers) {
        this.memory = memory;
        this.precision = precision;
        this.product = product;
        arena = new TensorArena(DType.F32, memory);
        scratch = arena.allocate(numbers);
    }

    /** Arguments of the kernels. */
    private static final class Arg {
        static final int COUNT = 0, K = 1, N = 2; // N of the features that are in scratch
        static final int WEIGHT = 3, FIRST = 4, MATRIX = 5; // FIRST number of the weight
        static final int ADDS = 6; // 1 or 0
    }

    /** Kernels besides the product itself. */
    static final List<Kernel> KERNELS = List.of(UNPACK, UNPACK_BFLOAT16, ADD_TO_PANELS, FILL_ROWS);

    /** The product by a library: its task, and a kernel that counts the run. */
    static Kernel product(ProductLibrary library) {
        Kernel.Code code = (graph, x) ->
                product(library.name(), graph, x).task(x.task(), TornadoProducts::kProduct, x.c(), x.p(), x.runs());
        return new Kernel(
                TornadoProducts.class,
                "kProduct",
                List.of(
                        in(ACTIVATIONS, Product.Arg.LEFT),
                        in(ACTIVATIONS, Product.Arg.RIGHT),
                        in(ACTIVATIONS, Product.Arg.RESULT)),
                1,
                1,
                false,
                code);
    }

    private static TaskGraph product(String library, TaskGraph graph, Kernel.Arguments x) {
        return graph.libraryTask(
                x.task() + "Library",
                (left, right, result, p) -> new LibraryTaskDescriptor()
                        .withLibrary(library)
                        .withFunction(Product.FUNCTION)
                        .withParameters(new Object[] {left, right, result, p})
                        .withAccess(
                                new Access[] {Access.READ_ONLY, Access.READ_ONLY, Access.READ_WRITE, Access.READ_ONLY}),
                x.<FloatArray>bank(0),
                x.<FloatArray>bank(1),
                x.<FloatArray>bank(2),
                x.p());
    }

    /** Whether products of so many rows with a weight of K inputs are the library's: scratch holds a panel at least. */
    boolean suits(int rows, int K) {
        return rows >= ROWS && (long) K * Panels.WIDTH <= scratch.length();
    }

    /** {@code y = x W' + b}. */
    void forward(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N) {
        if (bias != null) {
            memory.launch(FILL_ROWS)
                    .set(Arg.COUNT, Math.multiplyExact(T, N))
                    .set(Arg.N, N)
                    .read(Arg.WEIGHT, bias)
                    .write(Arg.MATRIX, y)
                    .runThreads((long) T * N);
        }
        for (int n = 0; n < N; n += most(K)) {
            int count = Math.min(most(K), N - n);
            Buffer matrix = unpacked(w, n, count, K);
            Launch launch = launch(T, count, K, bias != null)
                    .read(Product.Arg.LEFT, x)
                    .set(Product.Arg.LEFT_STRIDE, K)
                    .read(Product.Arg.RIGHT, matrix)
                    .set(Product.Arg.RIGHT_STRIDE, padded(count))
                    .set(Product.Arg.RESULT_FIRST, n)
                    .set(Product.Arg.RESULT_STRIDE, N);
            (bias == null && n == 0 ? launch.write(Product.Arg.RESULT, y) : launch.update(Product.Arg.RESULT, y))
                    .runThreads(1);
        }
    }

    /** {@code dx += dy W}. */
    void backwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N) {
        for (int n = 0; n < N; n += most(K)) {
            int count = Math.min(most(K), N - n);
            boolean adds = dx.add() || n > 0;
            Launch launch = launch(T, K, count, adds)
                    .read(Product.Arg.LEFT, dy)
                    .set(Product.Arg.LEFT_FIRST, n)
                    .set(Product.Arg.LEFT_STRIDE, N)
                    .read(Product.Arg.RIGHT, unpacked(w, n, count, K))
                    .set(Product.Arg.RIGHT_STRIDE, padded(count))
                    .set(Product.Arg.RIGHT_TRANSPOSED, 1)
                    .set(Product.Arg.RESULT_STRIDE, K);
            (adds ? launch.update(Product.Arg.RESULT, dx.buffer()) : launch.write(Product.Arg.RESULT, dx.buffer()))
                    .runThreads(1);
        }
    }

    /** {@code dw += dy' x}. */
    void backwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N) {
        for (int n = 0; n < N; n += most(K)) {
            int count = Math.min(most(K), N - n);
            Buffer matrix = scratch.slice(0, (long) padded(count) * K);
            launch(K, count, T, false)
                    .read(Product.Arg.LEFT, x)
                    .set(Product.Arg.LEFT_STRIDE, K)
                    .set(Product.Arg.LEFT_TRANSPOSED, 1)
                    .read(Product.Arg.RIGHT, dy)
                    .set(Product.Arg.RIGHT_FIRST, n)
                    .set(Product.Arg.RIGHT_STRIDE, N)
                    .write(Product.Arg.RESULT, matrix)
                    .set(Product.Arg.RESULT_STRIDE, padded(count))
                    .runThreads(1);
            Launch launch = panels(ADD_TO_PANELS, n, count, K)
                    .set(Arg.ADDS, dw.add() ? 1 : 0)
                    .read(Arg.MATRIX, matrix);
            (dw.add() || n > 0 ? launch.update(Arg.WEIGHT, dw.buffer()) : launch.write(Arg.WEIGHT, dw.buffer()))
                    .runThreads((long) padded(count) * K);
        }
    }

    /** Features of a weight that scratch holds, whole panels. */
    private int most(int K) {
        return Math.toIntExact(scratch.length() / K / Panels.WIDTH) * Panels.WIDTH;
    }

    /** Number of features with those that fill the last panel. */
    private static int padded(int count) {
        return Panels.count(count) * Panels.WIDTH;
    }

    /** Features of a weight from the n-th on, as a matrix (K, padded) in scratch. */
    private Buffer unpacked(Buffer w, int n, int count, int K) {
        Buffer matrix = scratch.slice(0, (long) padded(count) * K);
        panels(w.type() == DType.BF16 ? UNPACK_BFLOAT16 : UNPACK, n, count, K)
                .read(Arg.WEIGHT, w)
                .write(Arg.MATRIX, matrix)
                .runThreads(matrix.length());
        return matrix;
    }

    private Launch panels(Kernel kernel, int n, int count, int K) {
        return memory.launch(kernel)
                .set(Arg.COUNT, Math.multiplyExact(padded(count), K))
                .set(Arg.K, K)
                .set(Arg.N, count)
                .set(Arg.FIRST, Math.multiplyExact(n, K));
    }

    private Launch launch(int rows, int columns, int summed, boolean adds) {
        return memory.launch(product)
                .set(Product.Arg.ROWS, rows)
                .set(Product.Arg.COLUMNS, columns)
                .set(Product.Arg.SUMMED, summed)
                .set(Product.Arg.ADDS, adds ? 1 : 0)
                .set(Product.Arg.BFLOAT16, precision == Precision.BF16 ? 1 : 0);
    }

    /** Copies panels, a number by a thread: those of one input are beside each other on both sides. */
    static void kUnpack(KernelContext c, FloatArray weights, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(
                    p.get(Arg.MATRIX) + inMatrix(i, p.get(Arg.K), p.get(Arg.N)),
                    weights.get(p.get(Arg.WEIGHT) + p.get(Arg.FIRST) + i));
        }
    }

    /** {@link #kUnpack} of a weight of which two numbers are in a word. */
    static void kUnpackBfloat16(KernelContext c, IntArray words, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int at = p.get(Arg.FIRST) + i;
            int word = words.get(p.get(Arg.WEIGHT) + LinearTiles.wordIndex(at));
            m.set(p.get(Arg.MATRIX) + inMatrix(i, p.get(Arg.K), p.get(Arg.N)), DeviceMath.widened(word >> (at & 16)));
        }
    }

    /** Adds to panels, or sets them; what fills the last one stays zero. */
    static void kAddToPanels(KernelContext c, FloatArray m, FloatArray grads, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int to = p.get(Arg.WEIGHT) + p.get(Arg.FIRST) + i;
            float value = 0f;
            if (i / (Panels.WIDTH * p.get(Arg.K)) * Panels.WIDTH + i % Panels.WIDTH < p.get(Arg.N)) {
                value = m.get(p.get(Arg.MATRIX) + inMatrix(i, p.get(Arg.K), p.get(Arg.N)));
            }
            if (p.get(Arg.ADDS) != 0) {
                value += grads.get(to);
            }
            grads.set(to, value);
        }
    }

    /** Place in a matrix (K, padded N) of the i-th number in panels. */
    private static int inMatrix(int i, int K, int N) {
        int panel = i / (Panels.WIDTH * K);
        int k = i / Panels.WIDTH - panel * K;
        int width = (N + Panels.WIDTH - 1) / Panels.WIDTH * Panels.WIDTH;
        return k * width + panel * Panels.WIDTH + i % Panels.WIDTH;
    }

    /** Sets each row of a result to the bias. */
    static void kFillRows(KernelContext c, FloatArray weights, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.MATRIX) + i, weights.get(p.get(Arg.WEIGHT) + i % p.get(Arg.N)));
        }
    }

    /** Counts the run of the library's task, which stands before it. */
    static void kProduct(KernelContext c, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
    }

    @Override
    public void close() {
        arena.close();
    }
}
