package org.rlvr4j.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.model.TinyGeneration.TWO_SAMPLES;
import static org.rlvr4j.model.TinyGeneration.assertSame;
import static org.rlvr4j.model.TinyGeneration.flat;
import static org.rlvr4j.model.TinyGeneration.generate;
import static org.rlvr4j.model.TinyGeneration.model;
import static org.rlvr4j.model.TinyGeneration.prompts;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** A completion is the policy's own: the same numbers as in training, whatever it is generated together with. */
class BatchGeneratorTest {

    private static final VectorBackend BACKEND = new VectorBackend(2);

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
            ModelConfig.Family family, boolean tied, double temperature) {
        Decoder model = model(BACKEND, family, tied);
        List<Prompt> prompts = prompts(1, 5, 60, 63, 64, 65); // with 70 new tokens all pass a page of 64, some two
        var sampling = new Sampling(2, temperature, 0, 1, 70, 3);

        List<Completion> completions = flat(generate(model, 5, prompts, sampling));

        assertThat(completions).hasSize(12).allMatch(completion -> completion.length() == 70);
        assertThat(trainingLogProbs(model, completions, temperature)).containsExactly(generatedLogProbs(completions));
    }

    @Test
    void logProbabilitiesAreOfTheWholeVocabularyBeforeTopKAndTopP() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);

        List<Completion> completions = flat(generate(model, 4, prompts(3, 4), new Sampling(2, 0.9, 5, 0.8, 10, 3)));

        assertThat(trainingLogProbs(model, completions, 0.9)).containsExactly(generatedLogProbs(completions));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64})
    void completionsDoNotDependOnHowManySequencesRunTogether(int maxSequences) {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);
        List<Prompt> prompts = prompts(3, 70, 1, 64, 20);

        assertSame(generate(model, maxSequences, prompts, TWO_SAMPLES), generate(model, 7, prompts, TWO_SAMPLES));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void completionsDoNotDependOnTheNumberOfThreads(int threads) {
        List<Prompt> prompts = prompts(3, 70, 1, 64, 20);
        List<List<Completion>> expected =
                generate(model(BACKEND, ModelConfig.Family.QWEN3, false), 7, prompts, TWO_SAMPLES);

        try (var backend = new VectorBackend(threads)) {
            Decoder model = model(backend, ModelConfig.Family.QWEN3, false);

            assertSame(generate(model, 7, prompts, TWO_SAMPLES), expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "true, 16", "false, 1", "false, 16"})
    void weightsKeptAsBfloat16GenerateTheSameAsTheNumbersTheyStandFor(
            boolean tied, int maxSequences, @TempDir Path folder) {
        Checkpoint.save(model(BACKEND, ModelConfig.Family.QWEN2, tied), folder, Safetensors.Dtype.BF16);
        List<Prompt> prompts = prompts(3, 70, 1, 64, 20);
        var workspace = new Workspace(BACKEND, DType.F32);

        try (Decoder widened = Checkpoint.load(folder, workspace, true);
                Decoder kept = Checkpoint.load(folder, workspace, false)) {
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
        Checkpoint.save(model(BACKEND, ModelConfig.Family.QWEN2, true), folder, Safetensors.Dtype.F32);

        try (Decoder kept = Checkpoint.load(folder, new Workspace(BACKEND, DType.F32), false)) {
            assertThat(types(kept)).containsEntry(true, Set.of(DType.F32));
        }
    }

    /** What the matrices, and what the other weights, are kept as. */
    private static Map<Boolean, Set<DType>> types(Decoder model) {
        return model.parameters().tensors().entrySet().stream()
                .collect(Collectors.partitioningBy(
                        weight -> weight.getValue().layout() == Layout.PANELS,
                        Collectors.mapping(weight -> weight.getValue().data().type(), Collectors.toSet())));
    }

    @Test
    void completionsDoNotDependOnTheOrderOfPromptsNorOnTheOthers() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);
        List<Prompt> prompts = prompts(3, 70, 1, 64, 20);
        List<List<Completion>> expected = generate(model, 4, prompts, TWO_SAMPLES);

        assertSame(generate(model, 4, prompts.reversed(), TWO_SAMPLES), expected.reversed());
        for (int i = 0; i < prompts.size(); i++) {
            assertSame(generate(model, 4, List.of(prompts.get(i)), TWO_SAMPLES), List.of(expected.get(i)));
        }
    }

    @Test
    void generatorThatHasBeenUsedWritesTheSameAgain() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);
        List<Prompt> prompts = prompts(3, 70, 1);

        try (var generator = new BatchGenerator(model, 3, Set.of())) {
            List<List<Completion>> first = generator.generate(prompts, TWO_SAMPLES);
            generator.generate(prompts(90, 90, 90, 90), Sampling.plain(3, 30, 8)); // needs a larger cache

            assertSame(generator.generate(prompts, TWO_SAMPLES), first);
        }
    }

    @Test
    void samplesOfAPromptDifferAndSoDoSeedsAndPromptNumbers() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);
        int[] tokens = {1, 2, 3};
        List<Prompt> prompts = List.of(new Prompt(0, tokens), new Prompt(1, tokens));

        List<Completion> all = new ArrayList<>(flat(generate(model, 8, prompts, Sampling.plain(4, 40, 1))));
        all.addAll(flat(generate(model, 8, prompts, Sampling.plain(4, 40, 2))));

        assertThat(all.stream().map(completion -> Arrays.toString(completion.tokens())))
                .hasSize(16)
                .doesNotHaveDuplicates();
    }

    @Test
    void noPromptsGiveNoCompletions() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);

        assertThat(generate(model, 4, List.of(), TWO_SAMPLES)).isEmpty();
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
    private static float[] trainingLogProbs(Decoder model, List<Completion> completions, double temperature) {
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
}
