package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Truncation;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Candidates of truncated draws: what is drawn, and how much comes over for it. */
class CandidatesOnDeviceTest {

    private static final int ROWS = 64;
    private static final long SMALL_STAGE = 4 << 10; // bytes, without the counts of runs
    private static final long MEDIUM_STAGE = 256 << 10;
    private static final long COUNTS = 4 << 10; // at most, of each stage

    private final TornadoBackend backend = TestDevice.backend();

    @Test
    void completionsAreThoseOfTheProcessor() {
        try (var vector = new VectorBackend(1);
                TestModel onHost = TestModel.of(vector, 2, false);
                TestModel onDevice = TestModel.of(backend, 2, false)) {
            for (int seed = 0; seed < 12; seed++) {
                for (Sampling sampling : List.of(
                        new Sampling(3, 1, 20, 0.95, 12, seed),
                        new Sampling(3, 0.05, 0, 0.95, 12, seed),
                        new Sampling(3, 1.3, 50, 1, 12, seed))) {
                    List<Completion> expected = completions(onHost, sampling);
                    List<Completion> actual = completions(onDevice, sampling);

                    assertThat(actual).hasSameSizeAs(expected);
                    for (int i = 0; i < actual.size(); i++) {
                        assertThat(actual.get(i).tokens())
                                .isEqualTo(expected.get(i).tokens());
                        assertThat(actual.get(i).logProbs())
                                .isEqualTo(expected.get(i).logProbs());
                    }
                }
            }
        }
    }

    private static List<Completion> completions(TestModel model, Sampling sampling) {
        List<Prompt> prompts = Stream.of(new int[] {1, 2, 3}, new int[] {7, 5, 11, 4, 4})
                .map(tokens -> new Prompt(tokens.length, tokens))
                .toList();
        try (var generator = new BatchGenerator(model.model(), 4, Set.of(TestModel.STOP))) {
            return generator.generate(prompts, sampling).stream()
                    .flatMap(List::stream)
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"20000, 50, 0.95", "20000, 0, 0.95", "151936, 50, 0.95", "151936, 0, 0.9"})
    void whatComesOverDoesNotGrowWithTheVocabulary(int V, int topK, double topP) {
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            float[] numbers = steepRows(V);
            Buffer logits = logits(arena, numbers, V);
            Buffer lse = lse(arena, numbers, V);
            backend.copy(logits, logits(arena, numbers, V)); // sends them
            backend.copy(lse, arena.zeros(ROWS));
            var truncation = new Truncation(topK, topP);
            Transfers before = backend.transfers();
            long wholeRows = backend.wholeRows();

            int[] drawn = drawn(backend, logits, lse, V, truncation);

            Transfers moved = backend.transfers().since(before);
            assertThat(backend.wholeRows()).isEqualTo(wholeRows);
            assertThat(moved.received()).isEqualTo(2);
            assertThat(moved.receivedBytes()).isBetween(2 * SMALL_STAGE, SMALL_STAGE + MEDIUM_STAGE + 2 * COUNTS);
            assertThat(drawn).containsExactly(drawnOnHost(numbers, V, truncation));
        }
    }

    @Test
    void rowWithTooManyCandidatesComesOverWhole() {
        int V = 20_000;
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            float[] numbers = steepRows(V);
            for (int i = 0; i < V; i++) {
                numbers[5 * V + i] = i % 7 * 1e-3f; // any 50 candidates are among thousands
            }
            Buffer logits = logits(arena, numbers, V);
            Buffer lse = lse(arena, numbers, V);
            var truncation = new Truncation(50, 0.95);
            long wholeRows = backend.wholeRows();

            int[] drawn = drawn(backend, logits, lse, V, truncation);

            assertThat(backend.wholeRows()).isEqualTo(wholeRows + 1);
            assertThat(drawn).containsExactly(drawnOnHost(numbers, V, truncation));
            assertThat(drawn[5] % 7).isEqualTo(6);
        }
    }

    private static int[] drawnOnHost(float[] numbers, int V, Truncation truncation) {
        try (var arena = new TensorArena(DType.F32)) {
            return drawn(new ScalarBackend(), logits(arena, numbers, V), lse(arena, numbers, V), V, truncation);
        }
    }

    private static int[] drawn(Backend backend, Buffer logits, Buffer lse, int V, Truncation truncation) {
        int[] rows = new SplittableRandom(4).ints(ROWS, 0, ROWS).toArray();
        rows[5] = 5;
        double[] uniforms = new SplittableRandom(5).doubles(ROWS).toArray();
        return backend.drawTruncated(logits, lse, V, truncation, rows, uniforms, new float[ROWS]);
    }

    /** Rows in which few tokens have most of the probability, as in a language model's. */
    private static float[] steepRows(int V) {
        var random = new SplittableRandom(6);
        var numbers = new float[ROWS * V];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) (-2 * Math.log(random.nextDouble()) - 10);
        }
        return numbers;
    }

    private static Buffer logits(TensorArena arena, float[] numbers, int V) {
        Buffer logits = arena.allocate((long) ROWS * V);
        logits.set(0, numbers);
        return logits;
    }

    private static Buffer lse(TensorArena arena, float[] numbers, int V) {
        var lses = new float[ROWS];
        for (int row = 0; row < ROWS; row++) {
            double sum = 0;
            for (int i = 0; i < V; i++) {
                sum += Math.exp(numbers[row * V + i]);
            }
            lses[row] = (float) Math.log(sum);
        }
        Buffer lse = arena.allocate(ROWS);
        lse.set(0, lses);
        return lse;
    }
}
