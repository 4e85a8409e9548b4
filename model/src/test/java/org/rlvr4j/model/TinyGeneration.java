package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** A small model, and what it writes: for tests of generation. */
public final class TinyGeneration {

    public static final int VOCABULARY = 58;
    public static final Sampling TWO_SAMPLES = Sampling.plain(2, 12, 7);

    private TinyGeneration() {}

    /** Random weights, large enough that some tokens are far more likely than others. */
    public static Decoder model(VectorBackend backend, ModelConfig.Family family, boolean tied) {
        var config = new ModelConfig(
                family, 32, 48, 2, 4, 2, 8, 1e-6, 10_000, VOCABULARY, tied, 200, List.of(0), null, null);
        Decoder model = Decoder.random(config, new Workspace(backend, DType.F32), 11);
        var random = new SplittableRandom(12);
        for (Tensor weight : model.parameters().tensors().values()) {
            for (long i = 0; i < weight.data().length(); i++) {
                weight.data().set(i, 10 * weight.get(i) + (weight.cols() == 1 ? random.nextDouble(-0.5, 0.5) : 0));
            }
        }
        return model;
    }

    public static List<Prompt> prompts(int... lengths) {
        var prompts = new ArrayList<Prompt>();
        for (int i = 0; i < lengths.length; i++) {
            int[] tokens = new SplittableRandom(lengths[i])
                    .ints(lengths[i], 0, VOCABULARY)
                    .toArray();
            prompts.add(new Prompt(100 + i, tokens));
        }
        return prompts;
    }

    public static List<List<Completion>> generate(
            Decoder model, int maxSequences, List<Prompt> prompts, Sampling sampling) {
        try (var generator = new BatchGenerator(model, maxSequences, Set.of())) {
            return generator.generate(prompts, sampling);
        }
    }

    public static List<Completion> flat(List<List<Completion>> completions) {
        return completions.stream().flatMap(List::stream).toList();
    }

    public static void assertSame(List<List<Completion>> actual, List<List<Completion>> expected) {
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
