package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.VectorBackend;
import org.rlvr4j.tensor.Workspace;

/** A completion is the policy's own: the same numbers as in training, whatever it is generated together with. */
class BatchGeneratorTest {

    private static final int VOCABULARY = 58;
    private static final VectorBackend BACKEND = new VectorBackend(2);
    private static final Sampling TWO_SAMPLES = Sampling.plain(2, 12, 7);

    @ParameterizedTest
    @CsvSource({
        "QWEN2, true, 1",
        "QWEN2, true, 0.7",
        "QWEN2, false, 1",
        "QWEN2, false, 0.7",
        "QWEN3, true, 1",
        "QWEN3, true, 0.7",
        "QWEN3, false, 1",
        "QWEN3, false, 0.7"
    })
    void logProbabilitiesAreThoseOfTheTrainingForwardToTheLastBit(
            QwenConfig.Architecture architecture, boolean tied, double temperature) {
        Qwen2 model = model(BACKEND, architecture, tied);
        List<Prompt> prompts = prompts(1, 5, 60, 63, 64, 65); // with 70 new tokens all pass a page of 64, some two
        var sampling = new Sampling(2, temperature, 0, 1, 70, 3);

        List<Completion> completions = flat(generate(model, 5, prompts, sampling));

        assertThat(completions).hasSize(12).allMatch(completion -> completion.length() == 70);
        assertThat(trainingLogProbs(model, completions, temperature)).containsExactly(generatedLogProbs(completions));
    }

    @Test
    void logProbabilitiesAreOfTheWholeVocabularyBeforeTopKAndTopP() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);

        List<Completion> completions = flat(generate(model, 4, prompts(3, 4), new Sampling(2, 0.9, 5, 0.8, 10, 3)));

        assertThat(trainingLogProbs(model, completions, 0.9)).containsExactly(generatedLogProbs(completions));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64})
    void completionsDoNotDependOnHowManySequencesRunTogether(int maxSequences) {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);
        List<Prompt> prompts = prompts(3, 70, 1, 64, 20);

        assertSame(generate(model, maxSequences, prompts, TWO_SAMPLES), generate(model, 7, prompts, TWO_SAMPLES));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void completionsDoNotDependOnTheNumberOfThreads(int threads) {
        List<Prompt> prompts = prompts(3, 70, 1, 64, 20);
        List<List<Completion>> expected =
                generate(model(BACKEND, QwenConfig.Architecture.QWEN3, false), 7, prompts, TWO_SAMPLES);

        try (var backend = new VectorBackend(threads)) {
            Qwen2 model = model(backend, QwenConfig.Architecture.QWEN3, false);

            assertSame(generate(model, 7, prompts, TWO_SAMPLES), expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "true, 16", "false, 1", "false, 16"})
    void weightsKeptAsBfloat16GenerateTheSameAsTheNumbersTheyStandFor(
            boolean tied, int maxSequences, @TempDir Path folder) {
        Checkpoint.save(model(BACKEND, QwenConfig.Architecture.QWEN2, tied), folder, Safetensors.Dtype.BF16);
        List<Prompt> prompts = prompts(3, 70, 1, 64, 20);
        var workspace = new Workspace(BACKEND, DType.F32);

        try (Qwen2 widened = Checkpoint.load(folder, workspace, true);
                Qwen2 kept = Checkpoint.load(folder, workspace, false)) {
            for (Sampling sampling : List.of(Sampling.greedy(12), TWO_SAMPLES)) {
                assertSame(
                        generate(kept, maxSequences, prompts, sampling),
                        generate(widened, maxSequences, prompts, sampling));
            }
            assertThat(types(kept)).containsEntry(true, Set.of(DType.BF16)).containsEntry(false, Set.of(DType.F32));
            assertThat(types(widened)).containsEntry(true, Set.of(DType.F32));
        }
    }

    @Test
    void weightsStoredInSinglePrecisionKeepAllTheirDigits(@TempDir Path folder) {
        Checkpoint.save(model(BACKEND, QwenConfig.Architecture.QWEN2, true), folder, Safetensors.Dtype.F32);

        try (Qwen2 kept = Checkpoint.load(folder, new Workspace(BACKEND, DType.F32), false)) {
            assertThat(types(kept)).containsEntry(true, Set.of(DType.F32));
        }
    }

    /** What the matrices, and what the other weights, are kept as. */
    private static Map<Boolean, Set<DType>> types(Qwen2 model) {
        return model.parameters().tensors().entrySet().stream()
                .collect(Collectors.partitioningBy(
                        weight -> Qwen2.isMatrix(weight.getKey()),
                        Collectors.mapping(weight -> weight.getValue().data().type(), Collectors.toSet())));
    }

    @Test
    void completionsDoNotDependOnTheOrderOfPromptsNorOnTheOthers() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);
        List<Prompt> prompts = prompts(3, 70, 1, 64, 20);
        List<List<Completion>> expected = generate(model, 4, prompts, TWO_SAMPLES);

        assertSame(generate(model, 4, prompts.reversed(), TWO_SAMPLES), expected.reversed());
        for (int i = 0; i < prompts.size(); i++) {
            assertSame(generate(model, 4, List.of(prompts.get(i)), TWO_SAMPLES), List.of(expected.get(i)));
        }
    }

    @Test
    void generatorThatHasBeenUsedWritesTheSameAgain() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);
        List<Prompt> prompts = prompts(3, 70, 1);

        try (var generator = new BatchGenerator(model, 3, Set.of())) {
            List<List<Completion>> first = generator.generate(prompts, TWO_SAMPLES);
            generator.generate(prompts(90, 90, 90, 90), Sampling.plain(3, 30, 8)); // needs a larger cache

            assertSame(generator.generate(prompts, TWO_SAMPLES), first);
        }
    }

    @Test
    void samplesOfAPromptDifferAndSoDoSeedsAndPromptNumbers() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);
        int[] tokens = {1, 2, 3};
        List<Prompt> prompts = List.of(new Prompt(0, tokens), new Prompt(1, tokens));

        List<Completion> all = new ArrayList<>(flat(generate(model, 8, prompts, Sampling.plain(4, 40, 1))));
        all.addAll(flat(generate(model, 8, prompts, Sampling.plain(4, 40, 2))));

        assertThat(all.stream().map(completion -> Arrays.toString(completion.tokens())))
                .hasSize(16)
                .doesNotHaveDuplicates();
    }

    @Test
    void stopTokenEndsACompletionAndTheLimitTruncatesTheOthers() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);
        List<Prompt> prompts = prompts(4, 9);
        List<Integer> stopTokens = IntStream.range(0, 6).boxed().toList();
        var sampling = Sampling.plain(8, 10, 5);
        List<Completion> unstopped = flat(generate(model, 4, prompts, sampling));

        List<Completion> completions;
        try (var generator = new BatchGenerator(model, 4, stopTokens)) {
            completions = flat(generator.generate(prompts, sampling));
        }

        for (int i = 0; i < completions.size(); i++) {
            int[] whole = unstopped.get(i).tokens();
            int stop = IntStream.range(0, whole.length)
                    .filter(at -> stopTokens.contains(whole[at]))
                    .findFirst()
                    .orElse(-1);
            assertThat(completions.get(i).tokens()).isEqualTo(stop < 0 ? whole : Arrays.copyOf(whole, stop + 1));
            assertThat(completions.get(i).isTruncated()).isEqualTo(stop < 0);
        }
        assertThat(completions).anyMatch(Completion::isTruncated).anyMatch(completion -> !completion.isTruncated());
    }

    @Test
    void stopTokenAsTheLastAllowedTokenIsNoTruncation() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);
        List<Integer> everyToken = IntStream.range(0, VOCABULARY).boxed().toList();

        try (var generator = new BatchGenerator(model, 4, everyToken)) {
            List<Completion> completions = flat(generator.generate(prompts(4), Sampling.plain(3, 1, 5)));

            assertThat(completions).allMatch(completion -> completion.length() == 1 && !completion.isTruncated());
        }
    }

    @Test
    void completionsAreToldAsTheyEnd() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);
        var told = new ArrayList<Completion>();

        try (var generator = new BatchGenerator(model, 2, Set.of(1, 2, 3))) {
            generator.generate(prompts(4, 5, 6), Sampling.plain(2, 5, 5), told::add);
            assertThat(told)
                    .usingRecursiveFieldByFieldElementComparator()
                    .containsExactlyInAnyOrderElementsOf(
                            generator.generate(prompts(4, 5, 6), Sampling.plain(2, 5, 5)).stream()
                                    .flatMap(List::stream)
                                    .toList());
        }
    }

    @Test
    void promptThatLeavesNoRoomIsRefusedWithItsLength() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);

        assertThatThrownBy(() -> generate(model, 4, prompts(3, 195), Sampling.plain(1, 6, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a prompt of 195 tokens and 6 new ones exceed the model's 200 positions");
        assertThat(generate(model, 4, prompts(3, 195), Sampling.plain(1, 5, 1))).hasSize(2);
    }

    @Test
    void noPromptsGiveNoCompletions() {
        Qwen2 model = model(BACKEND, QwenConfig.Architecture.QWEN2, true);

        assertThat(generate(model, 4, List.of(), TWO_SAMPLES)).isEmpty();
    }

    /** Random weights, large enough that some tokens are far more likely than others. */
    private static Qwen2 model(VectorBackend backend, QwenConfig.Architecture architecture, boolean tied) {
        var config = new QwenConfig(
                architecture, 32, 48, 2, 4, 2, 8, 1e-6, 10_000, VOCABULARY, tied, 200, List.of(0), null, null);
        Qwen2 model = Qwen2.random(config, new Workspace(backend, DType.F32), 11);
        var random = new SplittableRandom(12);
        for (Tensor weight : model.parameters().tensors().values()) {
            for (long i = 0; i < weight.data().length(); i++) {
                weight.data().set(i, 10 * weight.get(i) + (weight.cols() == 1 ? random.nextDouble(-0.5, 0.5) : 0));
            }
        }
        return model;
    }

    private static List<Prompt> prompts(int... lengths) {
        var prompts = new ArrayList<Prompt>();
        for (int i = 0; i < lengths.length; i++) {
            int[] tokens = new SplittableRandom(lengths[i])
                    .ints(lengths[i], 0, VOCABULARY)
                    .toArray();
            prompts.add(new Prompt(100 + i, tokens));
        }
        return prompts;
    }

    private static List<List<Completion>> generate(
            Qwen2 model, int maxSequences, List<Prompt> prompts, Sampling sampling) {
        try (var generator = new BatchGenerator(model, maxSequences, Set.of())) {
            return generator.generate(prompts, sampling);
        }
    }

    private static List<Completion> flat(List<List<Completion>> completions) {
        return completions.stream().flatMap(List::stream).toList();
    }

    private static float[] generatedLogProbs(List<Completion> completions) {
        var all = new float[completions.stream().mapToInt(Completion::length).sum()];
        int at = 0;
        for (Completion completion : completions) {
            System.arraycopy(completion.logProbs(), 0, all, at, completion.length());
            at += completion.length();
        }
        return all;
    }

    /** Prompts and completions in one packed batch, as a mini-batch has them. */
    private static float[] trainingLogProbs(Qwen2 model, List<Completion> completions, double temperature) {
        int[] tokens = completions.stream()
                .flatMapToInt(completion -> IntStream.concat(
                        Arrays.stream(completion.prompt().tokens()), Arrays.stream(completion.tokens())))
                .toArray();
        var segments = Segments.ofLengths(completions.stream()
                .mapToInt(completion -> completion.prompt().tokens().length + completion.length())
                .toArray());
        int[] rows = IntStream.range(0, completions.size())
                .flatMap(s ->
                        IntStream.range(segments.end(s) - completions.get(s).length() - 1, segments.end(s) - 1))
                .toArray();
        Tensor logProb = model.logProb(tokens, rows, segments, temperature);
        var values = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            values[i] = (float) logProb.get(2L * i);
        }
        model.workspace().release();
        return values;
    }

    private static void assertSame(List<List<Completion>> actual, List<List<Completion>> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        Stream<Completion> wanted = flat(expected).stream();
        var each = flat(actual).iterator();
        wanted.forEach(completion -> {
            Completion other = each.next();
            assertThat(other.tokens()).isEqualTo(completion.tokens());
            assertThat(other.logProbs()).isEqualTo(completion.logProbs());
            assertThat(other.sample()).isEqualTo(completion.sample());
        });
    }
}
