package org.rlvr4j.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.model.text.ChatTemplate;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Golden;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;
import tools.jackson.databind.JsonNode;

/**
 * A real pretrained model from its prompts' messages to text, against Transformers. The checkpoint lies elsewhere, named by
 * {@code -Drlvr4j.pretrained}; of {@code pretrained/smollm2.jsonl} the rows of its family count.
 */
class PretrainedGoldenTest {

    private static final double LOG_PROBS = 1e-4;
    private static final int BATCH = 20;

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("checkpoints")
    void promptsTokensAndLogProbabilitiesAgree(Path folder) throws IOException {
        List<JsonNode> rows = rows(ConfigFile.read(folder).family().modelType());
        ChatTemplate template = ChatTemplate.load(folder);
        Tokenizer tokenizer = Tokenizer.load(folder);
        var prompts = new ArrayList<Prompt>();
        for (JsonNode row : rows) {
            String text = template.render(messages(row), true);
            int[] ids = tokenizer.encodePrompt(text);
            assertThat(text).isEqualTo(row.path("prompt").asString());
            assertThat(ids).isEqualTo(ints(row.path("prompt_ids")));
            prompts.add(new Prompt(prompts.size(), ids));
        }
        int longest =
                rows.stream().mapToInt(row -> row.path("greedy").size()).max().orElseThrow();

        try (var backend = new VectorBackend(2);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Checkpoint.load(folder, workspace, false);
                var generator = new BatchGenerator(
                        model, BATCH, Set.copyOf(model.config().stopTokens()))) {
            List<List<Completion>> completions = generator.generate(prompts, Sampling.greedy(longest));

            for (int i = 0; i < rows.size(); i++) {
                compare(rows.get(i), completions.get(i).getFirst(), tokenizer);
            }
        }
    }

    /** Compares tokens, or those before two that are as likely as each other, with their log-probabilities. */
    private static void compare(JsonNode row, Completion completion, Tokenizer tokenizer) {
        int[] expected = ints(row.path("greedy"));
        int[] tokens = Arrays.copyOf(completion.tokens(), Math.min(completion.length(), expected.length));
        int differs = Arrays.mismatch(tokens, expected);
        if (row.path("least_gap").doubleValue() >= LOG_PROBS) {
            assertThat(tokens).as(row.path("prompt").asString()).isEqualTo(expected);
            assertThat(tokenizer.decode(tokens, true))
                    .isEqualTo(row.path("text").asString());
        }
        for (int t = 0; t < (differs < 0 ? expected.length : differs); t++) {
            assertThat((double) completion.logProbs()[t])
                    .as("token %d of the answer to %s", t, row.path("prompt").asString())
                    .isCloseTo(row.path("logprobs").path(t).doubleValue(), within(LOG_PROBS));
        }
    }

    static List<Path> checkpoints() {
        return Golden.find("pretrained/smollm2.jsonl").isEmpty() ? List.of() : Golden.pretrained();
    }

    private static List<JsonNode> rows(String family) throws IOException {
        var rows = new ArrayList<JsonNode>();
        for (Path file : Golden.find("pretrained/smollm2.jsonl")) {
            for (String line : Files.readAllLines(file)) {
                JsonNode row = Json.parse(line, file.toString());
                if (row.path("family").asString().equals(family)) {
                    rows.add(row);
                }
            }
        }
        assertThat(rows).as("rows of the family %s", family).isNotEmpty();
        return rows;
    }

    private static List<Map<String, String>> messages(JsonNode row) {
        var messages = new ArrayList<Map<String, String>>();
        for (JsonNode message : row.path("messages")) {
            var fields = new LinkedHashMap<String, String>();
            message.properties()
                    .forEach(
                            field -> fields.put(field.getKey(), field.getValue().asString()));
            messages.add(fields);
        }
        return messages;
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size())
                .map(i -> array.path(i).intValue())
                .toArray();
    }
}
