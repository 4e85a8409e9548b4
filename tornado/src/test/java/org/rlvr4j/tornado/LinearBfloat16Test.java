package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Products with a weight that is kept as bfloat16, two numbers in a word. */
class LinearBfloat16Test {

    private static final int T = 37;
    private static final int K = 67;
    private static final int N = 75;

    private final float[] w = new float[Math.toIntExact(Panels.size(new Shape(N, K)))];
    private final IntArray words = new IntArray(w.length / 2);
    private final IntArray runs = new IntArray(1);

    LinearBfloat16Test() {
        var random = new SplittableRandom(1);
        words.init(0);
        for (int n = 0; n < N; n++) {
            for (int k = 0; k < K; k++) {
                int bits = Float.floatToRawIntBits((float) random.nextDouble(-1, 1)) >>> 16;
                w[LinearTiles.panel(n, k, K)] = Float.intBitsToFloat(bits << 16);
                int at = Math.toIntExact(Panels.index(n, k, K, DType.BF16));
                words.set(at / 2, words.get(at / 2) | bits << (16 * (at % 2)));
            }
        }
    }

    @Test
    void everyNumberIsWidenedExactly() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float expected = Float.intBitsToFloat(bits << 16);
            if (!Float.isNaN(expected)) {
                assertThat(Float.floatToRawIntBits(DeviceMath.widened(bits | 0x4711_0000)))
                        .isEqualTo(bits << 16);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"Large, 128, 128, 16, 16", "Medium, 64, 64, 8, 16", "Narrow, 16, 32, 4, 32"})
    void productsAreThoseOfTheWidenedWeight(String tiles, int height, int width, int down, int across)
            throws TornadoExecutionPlanException {
        FloatArray m = numbers(T * (2 * K + 2 * N));
        var expected = new float[T * N];
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                for (int k = 0; k < K; k++) {
                    expected[t * N + n] =
                            Math.fma(m.get(t * K + k), w[LinearTiles.panel(n, k, K)], expected[t * N + n]);
                }
            }
        }
        Task6<KernelContext, FloatArray, IntArray, FloatArray, IntArray, IntArray> forward =
                switch (tiles) {
                    case "Large" -> LinearTiles::kLinearBfloat16;
                    case "Medium" -> LinearTiles::kLinearMediumBfloat16;
                    default -> LinearTiles::kLinearNarrowBfloat16;
                };
        var noBias = new FloatArray(1);
        IntArray p = arguments(T, N, K, 0, 0, T * K, -1);
        TaskGraph graph = graph("forward" + tiles, m, p)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, noBias)
                .task(Kernel.TASK, forward, new KernelContext(), noBias, words, m, p, runs);
        run("forward" + tiles, graph, m, grid(T, N, height, width, down, across));
        for (int i = 0; i < T * N; i++) {
            assertThat(m.get(T * K + i)).isEqualTo(expected[i]);
        }

        m = numbers(T * (2 * K + 2 * N));
        expected = new float[T * K];
        for (int t = 0; t < T; t++) {
            for (int k = 0; k < K; k++) {
                expected[t * K + k] = m.get(T * N + t * K + k);
                for (int n = 0; n < N; n++) {
                    expected[t * K + k] =
                            Math.fma(m.get(t * N + n), w[LinearTiles.panel(n, k, K)], expected[t * K + k]);
                }
            }
        }
        Task5<KernelContext, IntArray, FloatArray, IntArray, IntArray> input =
                switch (tiles) {
                    case "Large" -> LinearTiles::kLinearInputBfloat16;
                    case "Medium" -> LinearTiles::kLinearInputMediumBfloat16;
                    default -> LinearTiles::kLinearInputNarrowBfloat16;
                };
        p = arguments(T, K, N, 0, 0, T * N, -1);
        graph = graph("input" + tiles, m, p).task(Kernel.TASK, input, new KernelContext(), words, m, p, runs);
        run("input" + tiles, graph, m, grid(T, K, height, width, down, across));
        for (int i = 0; i < T * K; i++) {
            assertThat(m.get(T * N + i)).isEqualTo(expected[i]);
        }
    }

    private static WorkerGrid2D grid(int rows, int columns, int height, int width, int down, int across) {
        var grid = new WorkerGrid2D(across * Math.ceilDiv(columns, width), down * Math.ceilDiv(rows, height));
        grid.setLocalWork(across, down, 1);
        return grid;
    }

    private static FloatArray numbers(int count) {
        var random = new SplittableRandom(2);
        var m = new FloatArray(count);
        for (int i = 0; i < count; i++) {
            m.set(i, (float) random.nextDouble(-1, 1));
        }
        return m;
    }

    private static IntArray arguments(int... arguments) {
        return IntArray.fromArray(Arrays.copyOf(arguments, Program.INTEGERS));
    }

    private TaskGraph graph(String name, FloatArray m, IntArray p) {
        return new TaskGraph(name).transferToDevice(DataTransferMode.EVERY_EXECUTION, m, words, p, runs);
    }

    private static void run(String name, TaskGraph task, FloatArray m, WorkerGrid2D grid)
            throws TornadoExecutionPlanException {
        TaskGraph graph = task.transferToHost(DataTransferMode.EVERY_EXECUTION, m);
        try (var plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withCompilerFlags(TornadoVMBackendType.OPENCL, "-w");
            plan.withGridScheduler(new GridScheduler(name + "." + Kernel.TASK, grid))
                    .execute();
        }
    }
}
