package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Rows;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Tokens whose next one nobody asks for do without most of the last layer. */
class LastLayerTest {

    private static final int VOCABULARY = 40;
    private static final int[] TOKENS =
            new SplittableRandom(5).ints(64, 0, VOCABULARY).toArray();
    private static final Segments SEGMENTS = Segments.ofLengths(41, 23);
    private static final int[] ROWS =
            IntStream.concat(IntStream.range(5, 40), IntStream.range(45, 63)).toArray();

    /** Bits of log-probabilities and gradients, and the peak of memory. */
    private record Outcome(List<byte[]> bits, long peak) {}

    @ParameterizedTest
    @CsvSource({"QWEN2, 1, false", "QWEN2, 3, true", "QWEN2, 3, false", "QWEN3, 2, false"})
    void whatItGivesAndItsGradientsAreTheSameBitsAsOfAllRows(ModelConfig.Family family, int layers, boolean recompute) {
        ModelConfig config = config(family, layers);

        Outcome few = outcome(config, recompute, model -> model.logProb(TOKENS, ROWS, SEGMENTS, 1));
        Outcome all = outcome(config, recompute, model -> ofAllRows(model, ROWS));

        assertThat(few.bits).usingRecursiveComparison().isEqualTo(all.bits);
    }

    @Test
    void itTakesLessMemory() {
        ModelConfig config = config(ModelConfig.Family.QWEN2, 1);
        int[] one = {10};

        Outcome few = outcome(config, false, model -> model.logProb(TOKENS, one, SEGMENTS, 1));
        Outcome all = outcome(config, false, model -> ofAllRows(model, one));

        assertThat(few.peak).isLessThan(all.peak / 2);
    }

    /** All rows go through all layers. */
    private static Tensor ofAllRows(Decoder model, int[] rows) {
        int[] all = IntStream.range(0, TOKENS.length).toArray();
        int[] targets = IntStream.of(rows).map(row -> TOKENS[row + 1]).toArray();
        return LogProb.forward(Rows.forward(model.hidden(TOKENS, SEGMENTS, all), rows), model.head(), targets, 1);
    }

    private static Outcome outcome(ModelConfig config, boolean recompute, Function<Decoder, Tensor> logProb) {
        try (var backend = new VectorBackend(2);
                var workspace = new Workspace(backend, DType.F32, recompute);
                Decoder model = Decoder.random(config, workspace, 3)) {
            model.parameters().beginGrads();
            Tensor result = logProb.apply(model);
            var bits = new ArrayList<byte[]>();
            bits.add(result.data().segment().toArray(ValueLayout.JAVA_BYTE));
            Autograd.backward(result.column(0).sum());
            model.parameters().mergeRows();
            for (Tensor weight : model.parameters().tensors().values()) {
                bits.add(weight.grad().segment().toArray(ValueLayout.JAVA_BYTE));
            }
            return new Outcome(bits, workspace.peak());
        }
    }

    private static ModelConfig config(ModelConfig.Family family, int layers) {
        return new ModelConfig(
                family, 32, 48, layers, 4, 2, 8, 1e-6, 10_000, VOCABULARY, true, 64, List.of(0), null, null);
    }
}
