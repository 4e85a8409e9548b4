package org.rlvr4j.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlvr4j.model.TinyGeneration.VOCABULARY;
import static org.rlvr4j.model.TinyGeneration.flat;
import static org.rlvr4j.model.TinyGeneration.generate;
import static org.rlvr4j.model.TinyGeneration.model;
import static org.rlvr4j.model.TinyGeneration.prompts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Where completions end: at a stop token, at their limit, or before they begin. */
class GenerationEndTest {

    private static final VectorBackend BACKEND = new VectorBackend(2);

    @Test
    void stopTokenEndsACompletionAndTheLimitTruncatesTheOthers() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);
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
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);
        List<Integer> everyToken = IntStream.range(0, VOCABULARY).boxed().toList();

        try (var generator = new BatchGenerator(model, 4, everyToken)) {
            List<Completion> completions = flat(generator.generate(prompts(4), Sampling.plain(3, 1, 5)));

            assertThat(completions).allMatch(completion -> completion.length() == 1 && !completion.isTruncated());
        }
    }

    @Test
    void completionsAreToldAsTheyEnd() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);
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
    void tokensAreToldAsTheyAreDrawn() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);
        var sampling = Sampling.plain(2, 5, 5);
        var told = new HashMap<List<Long>, List<Integer>>(); // by prompt and sample

        try (var generator = new BatchGenerator(model, 3, Set.of(1, 2, 3))) {
            List<Completion> completions =
                    flat(generator.stream(prompts(4, 5, 6), sampling, (prompt, sample, token) -> told.computeIfAbsent(
                                    List.of(prompt.id(), (long) sample), _ -> new ArrayList<>())
                            .add(token)));

            assertThat(completions)
                    .usingRecursiveFieldByFieldElementComparator()
                    .isEqualTo(flat(generator.generate(prompts(4, 5, 6), sampling)));
            assertThat(told).hasSize(6);
            assertThat(completions).allSatisfy(completion -> assertThat(
                            told.get(List.of(completion.prompt().id(), (long) completion.sample())))
                    .containsExactly(Arrays.stream(completion.tokens()).boxed().toArray(Integer[]::new)));
        }
    }

    @Test
    void promptThatLeavesNoRoomIsRefusedWithItsLength() {
        Decoder model = model(BACKEND, ModelConfig.Family.QWEN2, true);

        assertThatThrownBy(() -> generate(model, 4, prompts(3, 195), Sampling.plain(1, 6, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a prompt of 195 tokens and 6 new ones exceed the model's 200 positions,"
                        + " which leave room for 5 new ones");
        assertThat(generate(model, 4, prompts(3, 195), Sampling.plain(1, 5, 1))).hasSize(2);
    }
}
