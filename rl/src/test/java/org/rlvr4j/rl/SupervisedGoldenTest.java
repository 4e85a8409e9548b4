package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.data.Examples;
import org.rlvr4j.eval.Demonstration;
import org.rlvr4j.eval.DemonstrationEncoder;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Golden;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tokens, labels, loss and gradients of the first step against TRL's SFTTrainer; scripts/golden/sft.py wrote its side. */
class SupervisedGoldenTest {

    private static final double TOLERANCE = 1e-5;
    private static final int IGNORED = -100; // label of a token that is not learned

    private static final Path GOLDEN = Golden.find("sft").getFirst();

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"marked", "completion", "plain"})
    void firstStepIsThatOfSftTrainer(String layout) throws IOException {
        JsonNode golden = new JsonMapper()
                .readTree(GOLDEN.resolve("golden.json").toFile())
                .get(layout);
        List<Demonstration> batch =
                demonstrations(layout, golden.get("template").asString());

        assertThat(batch).hasSize(golden.get("rows").size());
        for (int i = 0; i < batch.size(); i++) {
            JsonNode row = golden.get("rows").get(i);
            assertThat(batch.get(i).tokens()).isEqualTo(GoldenRows.integers(row.get("tokens")));
            int[] labels = GoldenRows.integers(row.get("labels"));
            for (int t = 1; t < labels.length; t++) { // the first has no token before it
                assertThat(batch.get(i).learned()[t]).as(i + ", " + t).isEqualTo(labels[t] != IGNORED);
            }
        }
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Checkpoint.load(GOLDEN, workspace, true);
                var trainer = new SupervisedTrainer(
                        model, LearningRate.constant(1e-12, 0, false), AdamW.withDecay(0), Double.MAX_VALUE, 64)) {
            SupervisedTrainer.Update update = trainer.learn(batch);

            assertThat(update.loss()).isCloseTo(golden.get("loss").asDouble(), within(TOLERANCE));
            try (Safetensors gradients = Safetensors.open(GOLDEN.resolve(layout + ".safetensors"))) {
                assertThat(gradients.names())
                        .containsExactlyInAnyOrderElementsOf(
                                model.parameters().tensors().keySet());
                model.parameters().tensors().forEach((name, tensor) -> assertThat(gradient(tensor))
                        .as(name)
                        .containsExactly(gradients.read(name), within((float) TOLERANCE)));
            }
        }
    }

    private static float[] gradient(Tensor tensor) {
        var values = new float[(int) tensor.shape().size()];
        for (int n = 0; n < tensor.rows(); n++) {
            for (int k = 0; k < tensor.cols(); k++) {
                values[n * tensor.cols() + k] = (float) tensor.grad().get(tensor.index(n, k));
            }
        }
        return values;
    }

    private List<Demonstration> demonstrations(String layout, String template) throws IOException {
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(GOLDEN.resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("chat_template.jinja"), template);
        var encoder = DemonstrationEncoder.load(folder, PromptSettings.NONE);
        return Examples.load(GOLDEN.resolve(layout + ".jsonl")).stream()
                .map(encoder::encode)
                .toList();
    }
}
