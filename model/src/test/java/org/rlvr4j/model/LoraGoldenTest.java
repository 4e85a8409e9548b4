package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Golden;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** An adapter that PEFT saved, against what PEFT computes with it. */
class LoraGoldenTest {

    private static final double LOGITS = 2e-5;
    private static final double GRADIENTS = 2e-6;
    private static final VectorBackend BACKEND = new VectorBackend(2);

    private final Workspace workspace = new Workspace(BACKEND, DType.F32);
    private final Path base = Golden.find("checkpoints/a_qwen2_tiny_tied").getFirst();

    static Stream<Path> adapters() {
        return Golden.find("lora").stream();
    }

    @AfterAll
    static void stop() {
        BACKEND.close();
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void logitsAndLogProbabilitiesAgree(Path folder) {
        try (Safetensors golden = Safetensors.open(folder.resolve("golden.safetensors"));
                Decoder model = Adapters.load(base, folder, workspace)) {
            int[] tokens = tokens(golden);

            close(logits(model, tokens), golden.read("logits"), LOGITS);
            close(logProb(model, tokens).column(0).data(), golden.read("logprobs"), LOGITS);
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void mergedModelGivesTheSameLogits(Path folder) {
        try (Safetensors golden = Safetensors.open(folder.resolve("golden.safetensors"));
                Decoder merged = Adapters.merged(base, folder, workspace)) {
            assertThat(merged.lora()).isEmpty();
            close(logits(merged, tokens(golden)), golden.read("logits"), LOGITS);
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void gradientOfEveryAdapterAgrees(Path folder) {
        try (Safetensors golden = Safetensors.open(folder.resolve("golden.safetensors"));
                Decoder model = Adapters.create(base, workspace, Adapters.config(folder))) {
            Adapters.read(folder, model);

            Tensor logProb = logProb(model, tokens(golden)).column(0);
            Autograd.backward(logProb.sum().times(-1.0 / logProb.rows()));

            assertThat(model.parameters().tensors()).hasSize(2 * 7 * 2);
            model.parameters().tensors().forEach((name, tensor) -> {
                float[] expected = golden.read("grad.base_model.model." + name);
                for (int i = 0; i < expected.length; i++) {
                    long at = Panels.index(i / tensor.cols(), i % tensor.cols(), tensor.cols());
                    assertThat(tensor.grad().get(at)).as("%s, %d", name, i).isCloseTo(expected[i], within(GRADIENTS));
                }
            });
        }
    }

    private static int[] tokens(Safetensors golden) {
        return Arrays.stream(golden.readInts("input_ids"))
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    private static Tensor logProb(Decoder model, int[] tokens) {
        int[] rows = IntStream.range(0, tokens.length - 1).toArray();
        return model.logProb(tokens, rows, Segments.ofLengths(tokens.length), 1);
    }

    private static Buffer logits(Decoder model, int[] tokens) {
        int V = model.config().vocabularySize();
        Tensor hidden = model.hidden(
                tokens,
                Segments.ofLengths(tokens.length),
                IntStream.range(0, tokens.length).toArray());
        Buffer logits = model.workspace().allocate((long) tokens.length * V);
        Buffer lse = model.workspace().allocate(tokens.length);
        BACKEND.logits(hidden, model.head(), 1, logits, lse);
        return logits;
    }

    private static void close(Buffer actual, float[] expected, double tolerance) {
        assertThat(actual.length()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.get(i)).as("element %d", i).isCloseTo(expected[i], within(tolerance));
        }
    }
}
