package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.config.RunConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Configurations of other tasks, run for two steps on a random model with a byte-level tokenizer. */
class OtherTasksTest {

    private static final Path TINY = Path.of("configs/tiny-tokenizer");
    private static final JsonMapper JSON = new JsonMapper();
    private static final int BYTES = 256;

    @TempDir
    private Path folder;

    /** A tokenizer of 256 bytes and the tiny tokenizer's special tokens, with its chat template. */
    @BeforeEach
    void makeTheTokenizer() throws IOException {
        ObjectNode file = (ObjectNode) JSON.readTree(Files.readString(TINY.resolve("tokenizer.json")));
        ObjectNode model = (ObjectNode) file.get("model");
        var vocabulary = new TreeMap<Integer, String>();
        char free = BYTES;
        for (int b = 0; b < BYTES; b++) {
            boolean printable = (b > ' ' && b < 0x7f) || (b > 0xa0 && b != 0xad);
            vocabulary.put(b, String.valueOf(printable ? (char) b : free++));
        }
        ObjectNode tokens = model.putObject("vocab");
        vocabulary.forEach((id, text) -> tokens.put(text, id));
        model.putArray("merges");
        int id = BYTES;
        for (JsonNode special : (ArrayNode) file.get("added_tokens")) {
            ((ObjectNode) special).put("id", id++);
        }
        Files.writeString(folder.resolve("tokenizer.json"), file.toString());
        Files.copy(TINY.resolve("tokenizer_config.json"), folder.resolve("tokenizer_config.json"));
    }

    @Test
    void gsm8kIsJudgedByItsNumbers() throws IOException {
        Files.writeString(folder.resolve("problems.jsonl"), """
            {"question": "Six pens at 7 each?", "answer": "6 * 7 = <<6*7=42>>42\\n#### 42"}
            {"question": "Half of 1,800?", "answer": "1800 / 2 = 900\\n#### 900"}
            """);

        List<Trainer.Step> steps = run("gsm8k");

        assertThat(steps).hasSize(2).allSatisfy(step -> {
            assertThat(step.parts()).containsOnlyKeys("number", "length");
            assertThat(step.metrics().truncated()).isPositive(); // a random model seldom ends
            assertThat(step.groups().getFirst().problem().answers().getFirst()).isIn("42", "900");
        });
    }

    @Test
    void countdownIsJudgedByItsGames() throws IOException {
        Files.writeString(folder.resolve("problems.jsonl"), """
            {"prompt": "Make 24 of 4 and 6.", "answer": {"target": 24, "numbers": [4, 6]}}
            {"prompt": "Make 10 of 5 and 2.", "answer": {"target": 10, "numbers": [5, 2]}}
            """);

        List<Trainer.Step> steps = run("countdown");

        assertThat(steps).hasSize(2).allSatisfy(step -> assertThat(step.parts())
                .containsOnlyKeys("countdown", "format", "repetition")
                .containsEntry("format", 0.0)
                .containsEntry("countdown", -0.1));
    }

    @Test
    void wordProblemsAreTaughtAndMeasuredInTwoSuites() throws IOException {
        Path words = folder.resolve("words");
        Training.of(RunConfig.read(
                        Path.of("configs/smollm2-words.yaml"),
                        "output=" + words,
                        "seeds=[1]",
                        "methods=[GRPO]",
                        "model={from: random, tokenizer: " + folder
                                + ", hiddenSize: 16, mlpSize: 24, layers: 1, heads: 2, keyValueHeads: 1, maxPositions:"
                                + " 512}",
                        "problems={from: words, training: 4, heldBack: 6, demonstrations: 24}",
                        "warmUp={steps: 2, batchSize: 2}",
                        "training={steps: 2, promptsPerStep: 2, groupSize: 2, maxPromptTokens: 400, maxNewTokens: 24}",
                        "evaluation={samples: 2, everySteps: 0, text: configs/ordinary-text.txt}"))
                .run(RunListener.SILENT);

        List<JsonNode> evaluations = Files.readAllLines(words.resolve("GRPO/seed-1/evaluations.jsonl")).stream()
                .map(JSON::readTree)
                .toList();
        assertThat(evaluations)
                .filteredOn(line -> line.path("samples").asInt() == 1)
                .extracting(line ->
                        line.path("step").asInt() + " " + line.path("suite").asString())
                .containsExactly("0 known patterns", "0 new patterns", "2 known patterns", "2 new patterns");
        assertThat(evaluations)
                .filteredOn(line -> line.has("right"))
                .allSatisfy(line -> assertThat(line.path("right").asString()).matches("[01]{6}"));
        assertThat(evaluations)
                .filteredOn(line -> line.has("perplexity"))
                .extracting(line -> line.path("step").asInt())
                .containsExactly(0, 2);
        assertThat(Files.readString(words.resolve("report.html")))
                .contains("Gains in greedy accuracy", "Perplexity of ordinary text");
    }

    private List<Trainer.Step> run(String name) {
        RunConfig config = RunConfig.read(
                Path.of("configs", name + ".yaml"),
                "output=" + folder.resolve(name),
                "model={from: random, tokenizer: " + folder
                        + ", hiddenSize: 16, mlpSize: 24, layers: 1, heads: 2, keyValueHeads: 1, maxPositions: 256}",
                "problems={from: files, training: FILE, heldBack: [FILE]}"
                        .replace("FILE", folder.resolve("problems.jsonl").toString()),
                "training.steps=2",
                "training.promptsPerStep=2",
                "training.groupSize=4",
                "training.maxPromptTokens=200",
                "training.maxNewTokens=24",
                "training.saveEverySteps=0",
                "evaluation.samples=1",
                "evaluation.everySteps=0",
                "evaluation.maxNewTokens=24");
        var steps = new ArrayList<Trainer.Step>();
        Training.of(config).run(new RunListener() {
            @Override
            public void stepped(Name run, Trainer.Step step) {
                steps.add(step);
            }
        });
        return steps;
    }
}
