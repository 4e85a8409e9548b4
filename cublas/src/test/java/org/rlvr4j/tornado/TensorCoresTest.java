package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.DeviceProvider.Precision;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;
import org.rlvr4j.tornado.library.ProductLibrary;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** Products by cuBLAS on the device, where there is one of NVIDIA's: close to the exact ones. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TensorCoresTest {

    private static final Backend SCALAR = new ScalarBackend();
    private static final int PLACE = Integer.getInteger("rlvr4j.device", 0);
    private static final long BYTES = 1L << 28; // of each role
    private static final int GIVEN = 1 << 14; // numbers of a weight at a time, so that products are cut
    private static final double CLOSE = 1e-2;

    private static final List<String> FIRST_STEPS = List.of(
            "seeds=[1]",
            "methods=[DCPO]",
            "problems.demonstrations=100",
            "problems.heldBack=8",
            "warmUp.steps=2",
            "training.steps=1",
            "training.promptsPerStep=4",
            "training.groupSize=8",
            "training.updatesPerStep=2",
            "evaluation.samples=1");

    private final List<TornadoBackend> opened = new ArrayList<>();
    private TornadoBackend whole; // in tf32

    @TempDir
    private Path root;

    @BeforeAll
    void open() {
        Optional<String> obstacle = TornadoDevices.found().get(PLACE).getTornadoVMBackend() == TornadoVMBackendType.CUDA
                ? ProductLibrary.found().orElseThrow().obstacle()
                : Optional.of("the device is not reached by CUDA");
        obstacle.ifPresent(reason -> System.out.println("Tensor cores are not tested: " + reason));
        assumeThat(obstacle).isEmpty();
        whole = open(DevicePlan.LARGEST_ARRAY, false, Precision.TF32);
        open(3 * BYTES / 4, true, Precision.BF16); // over two arrays of each role
    }

    private TornadoBackend open(long largest, boolean spreads, Precision precision) {
        TornadoBackend backend =
                TornadoDevices.open(PLACE, DevicePlan.ofEach(BYTES), largest, spreads, precision, GIVEN);
        opened.add(backend);
        return backend;
    }

    @AfterAll
    void close() {
        opened.forEach(TornadoBackend::close);
    }

    @ParameterizedTest
    @CsvSource({
        "64, 128, 128",
        "65, 33, 63",
        "100, 31, 97",
        "130, 129, 65",
        "64, 1, 1",
        "71, 5, 1000",
        "127, 200, 150",
        "70, 384, 100"
    })
    void productsAreClose(int T, int K, int N) {
        for (TornadoBackend backend : opened) {
            for (boolean adds : new boolean[] {false, true}) {
                requireClose(backend, adds, T, K, N);
            }
        }
    }

    private static void requireClose(TornadoBackend backend, boolean adds, int T, int K, int N) {
        try (var arena = new TensorArena(DType.F32, backend.memory());
                var weights = new TensorArena(DType.F32, backend.memory(), Role.WEIGHTS);
                var gradients = new TensorArena(DType.F32, backend.memory(), Role.GRADIENTS)) {
            Buffer x = random(arena, (long) T * K, 1);
            Buffer w = weight(weights, N, K, 2);
            Buffer bias = adds ? random(weights, N, 3) : null;
            Buffer dy = random(arena, (long) T * N, 4);
            Buffer y = random(arena, (long) T * N, 8);
            Buffer dx = random(arena, (long) T * K, 5);
            Buffer dw = weight(gradients, N, K, 6);
            Buffer expectedY = random(arena, (long) T * N, 8);
            Buffer expectedDx = random(arena, (long) T * K, 5);
            Buffer expectedDw = weight(arena, N, K, 6);

            SCALAR.linear(x, w, bias, expectedY, T, K, N);
            SCALAR.linearBackwardInput(dy, w, new Accumulator(expectedDx, adds), T, K, N);
            SCALAR.linearBackwardWeight(dy, x, new Accumulator(expectedDw, adds), T, K, N);
            backend.linear(x, w, bias, y, T, K, N);
            backend.linearBackwardInput(dy, w, new Accumulator(dx, adds), T, K, N);
            backend.linearBackwardWeight(dy, x, new Accumulator(dw, adds), T, K, N);

            assertClose(y, expectedY);
            assertClose(dx, expectedDx);
            assertClose(dw, expectedDw);
            for (int n = N; n % Panels.WIDTH != 0; n++) {
                for (int k = 0; k < K; k++) {
                    assertThat(dw.get(Panels.index(n, k, K)))
                            .as("beyond the last feature")
                            .isZero();
                }
            }
        }
    }

    /** Close, relative to the largest number, but not the same: the library has computed it. */
    private static void assertClose(Buffer actual, Buffer expected) {
        double largest = 0;
        double difference = 0;
        for (long i = 0; i < expected.length(); i++) {
            largest = Math.max(largest, Math.abs(expected.get(i)));
            difference = Math.max(difference, Math.abs(actual.get(i) - expected.get(i)));
        }
        assertThat(difference).isPositive().isLessThan(CLOSE * largest);
    }

    private static Buffer random(TensorArena arena, long length, long seed) {
        Buffer buffer = arena.zeros(length);
        var random = new SplittableRandom(seed);
        for (long i = 0; i < length; i++) {
            buffer.set(i, random.nextDouble(-1, 1));
        }
        return buffer;
    }

    private static Buffer weight(TensorArena arena, int N, int K, long seed) {
        Buffer buffer = arena.zeros(Panels.size(new Shape(N, K)));
        var random = new SplittableRandom(seed);
        for (int n = 0; n < N; n++) {
            for (int k = 0; k < K; k++) {
                buffer.set(Panels.index(n, k, K), random.nextDouble(-1, 1));
            }
        }
        return buffer;
    }

    @Test
    void productsOfFewRowsStayExact() {
        int T = TornadoProducts.ROWS - 1;
        int K = 40;
        int N = 50;
        try (var arena = new TensorArena(DType.F32, whole.memory())) {
            Buffer x = random(arena, (long) T * K, 1);
            Buffer w = weight(arena, N, K, 2);
            Buffer expected = arena.zeros((long) T * N);
            Buffer y = arena.zeros((long) T * N);

            SCALAR.linear(x, w, null, expected, T, K, N);
            whole.linear(x, w, null, y, T, K, N);

            assertThat(IntStream.range(0, T * N).mapToDouble(y::get))
                    .containsExactly(
                            IntStream.range(0, T * N).mapToObj(expected::get).toArray(Double[]::new));
        }
    }

    @Test
    void productThatDoesNotRunIsNoticed() {
        DeviceMemory memory = whole.deviceMemory();
        Kernel product = memory.program().usable().stream()
                .filter(kernel -> kernel.name().equals("kProduct"))
                .findFirst()
                .orElseThrow();
        memory.program().withhold(product);
        memory.program().tryOut(product);

        assertThatThrownBy(memory::requireRuns)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("kernel TornadoProducts.kProduct of org.rlvr4j.tornado did not run on ");
        memory.program().withhold(null);
        memory.requireRuns();
    }

    @Test
    void trainingIsCloseAndReportsTheMismatchOfRolloutAndTrainer() {
        List<Double> expected;
        try (var cpu = new VectorBackend(1)) {
            train("cpu", cpu);
            expected = numbers("cpu", "warm-up.jsonl", "loss");
        }
        train("device", whole);

        List<Double> losses = numbers("device", "warm-up.jsonl", "loss");
        assertThat(losses).hasSameSizeAs(expected).hasSizeGreaterThan(1).isNotEqualTo(expected);
        for (int i = 0; i < losses.size(); i++) {
            assertThat(losses.get(i) / expected.get(i)).isBetween(1 - CLOSE, 1 + CLOSE);
        }
        assertThat(numbers("cpu", "metrics.jsonl", "mismatch")).isEmpty();
        assertThat(numbers("device", "metrics.jsonl", "mismatch"))
                .singleElement()
                .satisfies(mismatch -> assertThat(mismatch).isBetween(1e-7, CLOSE));
        assertThat(numbers("device", "metrics.jsonl", "maxMismatch")).hasSize(1);
        assertThat(numbers("device", "metrics.jsonl", "mismatchKl")).hasSize(1);
    }

    private void train(String name, Backend backend) {
        var settings = new ArrayList<>(FIRST_STEPS);
        settings.add("output=" + root.resolve(name));
        RunConfig config = RunConfig.read(Path.of("configs/tiny.yaml"), settings.toArray(String[]::new));
        Training.of(config).on(backend).run(RunListener.SILENT);
    }

    /** A number of each line of a file that a training has written. */
    private List<Double> numbers(String name, String file, String number) {
        try (Stream<Path> files = Files.walk(root.resolve(name))) {
            Path path = files.filter(each -> each.endsWith(file)).findFirst().orElseThrow();
            return Pattern.compile("\"" + number + "\":([0-9.E-]+)")
                    .matcher(Files.readString(path))
                    .results()
                    .map(result -> Double.valueOf(result.group(1)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
