package org.rlvr4j.model.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.TinyGeneration;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.NoGrad;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Prompts that are computed together have the keys, values and logits of prompts computed one at a time. */
class PrefillTest {

    private static final VectorBackend BACKEND = new VectorBackend(2);

    @ParameterizedTest
    @EnumSource(ModelConfig.Family.class)
    void keysValuesAndLogitsHaveTheSameBitsForAnyCutOfThePrompts(ModelConfig.Family family) {
        Decoder model = TinyGeneration.model(BACKEND, family, true);
        List<Prompt> prompts = TinyGeneration.prompts(3, 70, 1, 64, 20, 7, 129);

        List<List<Double>> together = prefill(model, prompts);

        assertThat(IntStream.range(0, prompts.size())
                        .mapToObj(i -> prefill(model, prompts.subList(i, i + 1)))
                        .flatMap(List::stream))
                .isEqualTo(together);
        var halves = new ArrayList<>(prefill(model, prompts.subList(0, 3)));
        halves.addAll(prefill(model, prompts.subList(3, prompts.size())));
        assertThat(halves).isEqualTo(together);
    }

    /** Of each prompt the keys and values of all layers, and the logits of its last token. */
    private static List<List<Double>> prefill(Decoder model, List<Prompt> prompts) {
        var segments = Segments.ofLengths(
                prompts.stream().mapToInt(prompt -> prompt.tokens().length).toArray());
        int[] tokens = prompts.stream()
                .flatMapToInt(prompt -> Arrays.stream(prompt.tokens()))
                .toArray();
        int[] lastRows = IntStream.range(0, segments.count())
                .map(s -> segments.end(s) - 1)
                .toArray();
        List<List<Double>> numbers = new ArrayList<>();
        prompts.forEach(_ -> numbers.add(new ArrayList<>()));
        NoGrad.call(() -> {
            Tensor hidden = model.hidden(tokens, segments.positions(), lastRows, (_, q, k, v) -> {
                for (int s = 0; s < segments.count(); s++) {
                    add(k, segments.start(s), segments.end(s), numbers.get(s));
                    add(v, segments.start(s), segments.end(s), numbers.get(s));
                }
                return Attention.forward(q, k, v, segments, model.heads());
            });
            int V = model.config().vocabularySize();
            Buffer logits = model.workspace().allocate((long) segments.count() * V);
            Buffer lse = model.workspace().allocate(segments.count());
            BACKEND.logits(hidden, model.head(), 0.7, logits, lse);
            for (int s = 0; s < segments.count(); s++) {
                for (int i = 0; i < V; i++) {
                    numbers.get(s).add(logits.get((long) s * V + i));
                }
                numbers.get(s).add(lse.get(s));
            }
            return hidden;
        });
        model.workspace().release();
        return numbers;
    }

    private static void add(Tensor x, int from, int end, List<Double> to) {
        for (long i = (long) from * x.cols(); i < (long) end * x.cols(); i++) {
            to.add(x.get(i));
        }
    }
}
