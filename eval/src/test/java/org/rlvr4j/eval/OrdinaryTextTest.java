package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

class OrdinaryTextTest {

    private static final Tokenizer TOKENIZER = Tokenizer.load(Path.of("configs/tiny-tokenizer"));

    @TempDir
    private Path folder = Path.of("");

    @Test
    void textIsCutIntoWindowsWithoutASingleTokenAtItsEnd() throws IOException {
        int[] tokens = TOKENIZER.encode("1+2=".repeat(128) + "3");

        OrdinaryText text = OrdinaryText.load(write("1+2=".repeat(128) + "3"), TOKENIZER);

        assertThat(tokens).hasSize(2 * OrdinaryText.WINDOW + 1);
        assertThat(text.windows())
                .containsExactly(
                        Arrays.copyOf(tokens, OrdinaryText.WINDOW),
                        Arrays.copyOfRange(tokens, OrdinaryText.WINDOW, 2 * OrdinaryText.WINDOW));
    }

    @Test
    void modelThatKnowsNothingHasThePerplexityOfItsVocabulary() {
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32, false, 1 << 24);
                Decoder model = Decoder.random(config(), workspace, 1)) {
            model.parameters().get("model.embed_tokens.weight").data().zero();

            // all logits are 0, so each of 40 tokens has the probability 1/40, in short windows as in long ones
            assertThat(text(3, 100).perplexity(model)).isCloseTo(40, offset(1e-4));
            assertThat(text(2).perplexity(model)).isCloseTo(40, offset(1e-4));
        }
    }

    @Test
    void whatTheFileLacksIsSaid() throws IOException {
        Path file = write("1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OrdinaryText.load(file, TOKENIZER))
                .withMessage(file + " has fewer than two tokens, so it has no perplexity");
        Path missing = folder.resolve("missing.txt");
        assertThatThrownBy(() -> OrdinaryText.load(missing, TOKENIZER))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("cannot read the text " + missing + " (" + missing + ")");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("text.txt"), text);
    }

    private static OrdinaryText text(int... lengths) {
        return new OrdinaryText(
                "text",
                IntStream.of(lengths)
                        .mapToObj(length ->
                                IntStream.range(0, length).map(i -> i % 40).toArray())
                        .toList());
    }

    private static ModelConfig config() {
        return new ModelConfig(
                ModelConfig.Family.QWEN2, 16, 24, 1, 2, 1, 8, 1e-6, 10_000, 40, true, 128, List.of(), null, null);
    }
}
