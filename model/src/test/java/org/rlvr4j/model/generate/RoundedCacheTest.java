package org.rlvr4j.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlvr4j.model.TinyGeneration.TWO_SAMPLES;
import static org.rlvr4j.model.TinyGeneration.assertSame;
import static org.rlvr4j.model.TinyGeneration.prompts;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.TinyGeneration;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Generation with keys and values that are cached as bfloat16. */
class RoundedCacheTest {

    private static final VectorBackend BACKEND = new VectorBackend(2);
    private static final List<Prompt> PROMPTS = prompts(3, 70, 1, 64, 20);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64})
    void completionsDoNotDependOnHowManySequencesRunTogether(int maxSequences) {
        Decoder model = TinyGeneration.model(BACKEND, ModelConfig.Family.QWEN2, true);

        assertSame(generate(model, maxSequences, DType.BF16), generate(model, 7, DType.BF16));
    }

    @Test
    void plainLoopsGenerateTheSameBitsAsVectors() {
        Decoder model = TinyGeneration.model(BACKEND, ModelConfig.Family.QWEN3, true);

        assertSame(generate(onPlainLoops(model), 7, DType.BF16), generate(model, 7, DType.BF16));
    }

    @Test
    void logProbabilitiesAreCloseToThoseOfTheExactCacheButNotEqual() {
        Decoder model = TinyGeneration.model(BACKEND, ModelConfig.Family.QWEN2, true);

        List<Completion> exact = TinyGeneration.flat(generate(model, 7, DType.F32));
        List<Completion> rounded = TinyGeneration.flat(generate(model, 7, DType.BF16));

        assertThat(rounded.getFirst().logProbs()[0]).isEqualTo(exact.getFirst().logProbs()[0]); // of the prompt alone
        assertThat(rounded.getFirst().logProbs()).isNotEqualTo(exact.getFirst().logProbs());
    }

    @Test
    void generatorSaysWhetherItIsExact() {
        Decoder model = TinyGeneration.model(BACKEND, ModelConfig.Family.QWEN2, true);

        assertThat(new BatchGenerator(model, 1).isExact()).isTrue();
        assertThat(new BatchGenerator(model, 1, Set.of(), () -> {}, DType.BF16).isExact())
                .isFalse();
    }

    @Test
    void typeThatTheBackendCannotCacheIsRefusedAtOnce() {
        Decoder model = TinyGeneration.model(BACKEND, ModelConfig.Family.QWEN2, true);

        assertThatThrownBy(() -> new BatchGenerator(model, 1, Set.of(), () -> {}, DType.F64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("this device has no cache of keys and values as F64, only as F32");
    }

    private static Decoder onPlainLoops(Decoder model) {
        Backend plain = new ScalarBackend();
        Decoder copy = Decoder.random(model.config(), new Workspace(plain, DType.F32), 1);
        copy.parameters().weights().copyFrom(model.parameters().weights());
        return copy;
    }

    private static List<List<Completion>> generate(Decoder model, int maxSequences, DType cacheType) {
        try (var generator = new BatchGenerator(model, maxSequences, Set.of(), () -> {}, cacheType)) {
            return generator.generate(PROMPTS, TWO_SAMPLES);
        }
    }
}
