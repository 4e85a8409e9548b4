package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.files.Sha256;
import org.rlvr4j.run.sft.FineTuning;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Supervised learning from a user's own examples: by the command sft, and as a warm-up. */
@ExtendWith(TinyStart.class)
class SftTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int EXAMPLES = 20;
    private static final int STEPS = 10; // two epochs of five

    private final TinyRun tiny;
    private final List<String> settings = List.of(
            "threads=1",
            "saveEverySteps=3",
            "keepCheckpoints=1",
            "training.epochs=2",
            "training.batchSize=4",
            "training.learningRate=1e-2",
            "training.microBatchTokens=30");

    @TempDir
    private Path folder = Path.of("");

    private Path examples = folder;
    private Path others = folder;

    SftTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @BeforeEach
    void writeExamples() throws IOException {
        examples = Files.writeString(folder.resolve("examples.jsonl"), lines(0, EXAMPLES));
        others = Files.writeString(folder.resolve("others.jsonl"), lines(EXAMPLES, EXAMPLES + 5));
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"question\": \"%d+%d=\", \"answer\": \"%d\"}\n".formatted(i, 2 * i, 3 * i))
                .collect(Collectors.joining());
    }

    @Test
    void modelAndExamplesAreEnough() throws IOException {
        Path output = folder.resolve("run");

        String printed = TinyRun.execute(arguments(output, "training.heldBack=" + others));

        assertThat(printed)
                .contains(
                        "step 0: held-back loss ",
                        "step 10: held-back loss ",
                        "Model: " + output.resolve("checkpoint"));
        List<JsonNode> lines = metrics(output);
        assertThat(lines).hasSize(STEPS + 1);
        assertThat(lines.getFirst().propertyNames()).containsExactlyInAnyOrder("step", "heldBackLoss");
        assertThat(lines.get(5).propertyNames())
                .containsExactly(
                        "step", "epoch", "loss", "gradNorm", "learningRate", "tokens", "learnedTokens", "heldBackLoss");
        assertThat(lines.get(5).get("epoch").asDouble()).isEqualTo(1);
        assertThat(lines.getLast().get("loss").asDouble())
                .isLessThan(0.8 * lines.get(1).get("loss").asDouble());
        assertThat(lines.getLast().get("learningRate").asDouble()).isLessThan(2e-3);
        assertThat(output.resolve("report.html")).content().contains("heldBackLoss", "Held-back loss before");
        assertThat(names(output.resolve("checkpoint"))).contains("config.json", "model.safetensors", "tokenizer.json");
        assertThat(TinyRun.execute(
                        List.of("generate", "--model=" + output.resolve("checkpoint"), "--max-new-tokens=4", "1+2=")))
                .isNotEmpty();
    }

    @Test
    void settingsCanBeThoseOfAFile() throws IOException {
        Path file = Files.writeString(
                folder.resolve("mine.yaml"), """
                    output: %s
                    model: { from: checkpoint, path: %s }
                    training: { demonstrations: %s, steps: 2, maxTokens: 12 }
                    variants: { longer: ["training.steps=3"] }
                    """.formatted(folder.resolve("of-file"), tiny.start(), examples));

        assertThat(TinyRun.execute(List.of("inspect", file.toString()))).contains("memory of sft", "fits");
        JsonNode result = JSON.readTree(
                TinyRun.execute(List.of("sft", file.toString(), "--variant=longer", "--quiet", "--json")));
        assertThat(result.get("steps").asInt()).isEqualTo(3);
        assertThat(result.propertyNames())
                .contains("loss", "modelSteps", "seconds", "model", "report", "predictedMemory")
                .doesNotContain("heldBackLoss");
        assertThat(folder.resolve("of-file/config.yaml")).content().contains("learningRate: 2.0E-5", "maxTokens: 12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--lora"})
    void interruptedAnywhereItGoesOnToTheSameBytes(String lora) throws IOException {
        Path whole = folder.resolve("whole");
        train(whole, lora, Integer.MAX_VALUE);
        Map<String, String> expected = hashes(whole);
        int interrupted = 0;

        for (int look = 1; ; look += 4) {
            Path parts = folder.resolve("parts-" + look);
            try {
                train(parts, lora, look);
                break; // it had ended before
            } catch (Interruption.EarlyEnd e) {
                interrupted++;
                assertThat(e)
                        .message()
                        .containsAnyOf("before the first step", "which is saved: the same command goes on");
            }
            train(parts, lora, Integer.MAX_VALUE);
            assertThat(hashes(parts)).as("interrupted at " + look).isEqualTo(expected);
        }

        assertThat(interrupted).isGreaterThan(STEPS / 2);
        assertThat(expected).hasSize(4);
    }

    /** @param look at the clock, by which the wish to end comes */
    private void train(Path output, String lora, int look) {
        var interruption = new Interruption();
        var looks = new AtomicInteger();
        var all = new ArrayList<>(settings);
        all.add("training.heldBackShare=0.2");
        Map<String, Object> start =
                new TreeMap<>(Map.of("from", "checkpoint", "path", tiny.start().toString()));
        if (!lora.isEmpty()) {
            start.put("lora", Map.of("rank", 2));
        }
        SupervisedConfig config = SupervisedConfig.of(
                Map.of(
                        "output",
                        output.toString(),
                        "model",
                        start,
                        "training",
                        Map.of("demonstrations", examples.toString())),
                all);
        FineTuning.of(config)
                .until(interruption)
                .timedBy(() -> {
                    if (looks.incrementAndGet() == look) {
                        interruption.request();
                    }
                    return 0;
                })
                .run(RunListener.SILENT);
    }

    @Tag("full")
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void killedProcessGoesOnToTheSameBytes() throws Exception {
        Path whole = folder.resolve("whole");
        Path killed = folder.resolve("killed");
        String held = "training.heldBackShare=0.2";
        TinyRun.execute(arguments(whole, held, "training.steps=200"));

        Process process = TinyRun.start(
                TinyRun.command(arguments(killed, held, "training.steps=200"), TinyRun.PLAIN_LOOPS),
                folder.resolve("killed.txt"));
        Path metrics = killed.resolve("metrics.jsonl");
        while (process.isAlive()
                && !(Files.exists(metrics) && Files.readAllLines(metrics).size() > 8)) {
            Thread.sleep(1);
        }
        process.destroyForcibly();

        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("killed.txt")))
                .isEqualTo(128 + 9);
        assertThat(TinyRun.execute(arguments(killed, held, "training.steps=200", "threads=2", "recompute=true")))
                .containsPattern("resumes after step \\d+ from ");
        assertThat(hashes(killed, 200)).isEqualTo(hashes(whole, 200));
    }

    @Test
    void modelWithTheLowestHeldBackLossIsKept() throws IOException {
        Path output = folder.resolve("overfitted");

        TinyRun.execute(arguments(
                output,
                "training.demonstrations=" + others,
                "training.heldBack=" + examples,
                "training.steps=60",
                "training.heldBackEverySteps=3",
                "training.learningRate=5e-2"));

        double lowest = Double.MAX_VALUE;
        int step = 0;
        for (JsonNode line : metrics(output)) {
            if (line.has("heldBackLoss") && line.get("heldBackLoss").asDouble() < lowest) {
                lowest = line.get("heldBackLoss").asDouble();
                step = line.get("step").asInt();
            }
        }
        assertThat(step).isLessThan(60);
        assertThat(names(output.resolve("best"))).containsExactly("step-" + step);
        assertThat(output.resolve("checkpoint/model.safetensors"))
                .hasSameBinaryContentAs(output.resolve("best/step-" + step + "/model.safetensors"));
        // the loss that a new training measures before its first step
        Path again = folder.resolve("again");
        TinyRun.execute(List.of(
                "sft",
                "--model=" + output.resolve("checkpoint"),
                "--data=" + others,
                "--output=" + again,
                "--set=training.heldBack=" + examples,
                "--set=training.steps=1"));
        assertThat(metrics(again).getFirst().get("heldBackLoss").asDouble()).isEqualTo(lowest);
    }

    @Test
    void adaptersAreInPeftsLayout() {
        Path output = folder.resolve("adapters");
        var arguments = new ArrayList<>(arguments(output));
        arguments.add("--lora");

        TinyRun.execute(arguments);

        assertThat(names(output.resolve("checkpoint")))
                .contains("adapter_config.json", "adapter_model.safetensors", "tokenizer.json")
                .doesNotContain("model.safetensors");
        assertThat(TinyRun.execute(List.of(
                        "generate",
                        "--model=" + tiny.start(),
                        "--adapter=" + output.resolve("checkpoint"),
                        "--max-new-tokens=4",
                        "1+2=")))
                .isNotEmpty();
    }

    @Test
    void whatWouldChangeTheResultIsRefused() throws IOException {
        Path output = folder.resolve("run");
        TinyRun.execute(arguments(output));

        assertThat(TinyRun.failure(2, arguments(output, "training.seed=2")))
                .contains("step-10 was made with training.seed 1 and not 2; set that back");
        assertThat(TinyRun.execute(arguments(output, "threads=2", "training.microBatchTokens=500")))
                .contains("resumes after step 10");
        Files.writeString(examples, lines(1, EXAMPLES + 1));
        assertThat(TinyRun.failure(2, arguments(output)))
                .contains("was made with other examples, or another tokenizer or chat template");
        var fresh = new ArrayList<>(arguments(output));
        fresh.add("--fresh");
        assertThat(TinyRun.execute(fresh)).doesNotContain("resumes");
        Path unsaved = folder.resolve("unsaved");
        TinyRun.execute(arguments(unsaved, "saveEverySteps=0"));
        assertThat(TinyRun.failure(2, arguments(unsaved, "saveEverySteps=0", "training.batchSize=5")))
                .contains("has the results of a training with training.batchSize 4 and not 5");
    }

    /** Columns: a line that follows 20 good ones, a setting, and a part of the sentence. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {"question": "1+1="}                  | training.epochs=1         | examples.jsonl, line 21: an example has messages, or
        {"messages": [{"role": "user"}]}      | training.epochs=1         | examples.jsonl, line 21: field messages.0 should have
        {"question": "1+                      | training.epochs=1         | examples.jsonl, line 21: not valid JSON
        {"prompt": "1", "completion": "2"}    | training.epoch=1          | training.epoch, did you mean epochs?
        {"prompt": "1", "completion": "2"}    | training.epochs=0         | training: epochs must be positive, not 0
        {"prompt": "1", "completion": "2"}    | training.maxTokens=2      | has at most 2 tokens: the shortest has 3, so raise
        {"prompt": "1", "completion": "2"}    | training.heldBackShare=1  | heldBackShare must be 0 or more and below 1, not 1.0
        {"prompt": "1", "completion": "2"}    | training.heldBackShare=0.99 | leaves none of 21 examples to learn from
        {"prompt": "1", "completion": "2"}    | training.learningRate=0   | training: learningRate must be above 0, not 0.0
        """)
    void whatIsWrongIsSaidInOneSentence(String line, String setting, String sentence) throws IOException {
        Files.writeString(examples, Files.readString(examples) + line + "\n");

        assertThat(TinyRun.failure(2, arguments(folder.resolve("none"), setting)))
                .contains(sentence);
        assertThat(folder.resolve("none/checkpoint")).doesNotExist();
    }

    @Test
    void examplesThatAreTooLongAreLeftOut() throws IOException {
        Path output = folder.resolve("run");
        Files.writeString(examples, "{\"prompt\": \"1\", \"completion\": \"" + "2".repeat(200) + "\"}\n" + lines(0, 3));

        assertThat(TinyRun.execute(arguments(output)))
                .contains("1 of 4 examples in " + examples + " are left out: they are longer than 128 tokens");
    }

    @Test
    void commandNeedsAFileOrModelAndData() {
        assertThat(TinyRun.failure(2, List.of("sft", "--model=" + tiny.start())))
                .isEqualTo("rlvr4j: sft takes either a CONFIG, or --model FOLDER and --data FILE");
        assertThat(TinyRun.failure(2, List.of("sft", "configs/sft.yaml", "--lora")))
                .contains("sft takes either a CONFIG, whose settings --set replaces, or --model");
    }

    @Test
    void warmUpOfATrainingLearnsExamplesToo() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        String warmUp = "warmUp={demonstrations: " + examples
                + ", epochs: 2, batchSize: 4, learningRate: 1e-2, heldBackShare: 0.2, microBatchTokens: %d}";
        List<String> train = tiny.arguments(one, "DCPO", warmUp.formatted(30), "training.steps=1");

        assertThat(TinyRun.execute(train)).contains("warm-up", "step 8: held-back loss ");
        TinyRun.execute(tiny.arguments(two, "DCPO", warmUp.formatted(1000), "training.steps=1"));

        List<String> lines = Files.readAllLines(one.resolve("warm-up.jsonl"));
        assertThat(lines).hasSize(9).last().asString().contains("heldBackLoss", "learnedTokens");
        assertThat(names(one)).doesNotContain("warm-up-best");
        assertThat(one.resolve("start/model.safetensors"))
                .hasSameBinaryContentAs(two.resolve("start/model.safetensors"))
                .satisfies(start -> assertThat(Sha256.of(start))
                        .isNotEqualTo(Sha256.of(tiny.start().resolve("model.safetensors"))));
        assertThat(TinyRun.execute(tiny.arguments(one, "DCPO", warmUp.formatted(30), "training.steps=2")))
                .contains("resumes after step 1")
                .doesNotContain("warm-up");
    }

    private List<String> arguments(Path output, String... more) {
        var arguments =
                new ArrayList<>(List.of("sft", "--model=" + tiny.start(), "--data=" + examples, "--output=" + output));
        Stream.concat(settings.stream(), Stream.of(more)).forEach(setting -> arguments.add("--set=" + setting));
        return arguments;
    }

    private static Map<String, String> hashes(Path output) {
        return hashes(output, 8);
    }

    /** All that does not depend on the clock. */
    private static Map<String, String> hashes(Path output, int steps) {
        boolean adapted = Files.exists(output.resolve("checkpoint/adapter_model.safetensors"));
        var hashes = new TreeMap<String, String>();
        for (String file : List.of(
                "metrics.jsonl",
                "checkpoint/" + (adapted ? "adapter_model" : "model") + ".safetensors",
                "checkpoints/step-" + steps + "/means.safetensors",
                "checkpoints/step-" + steps + "/mean-squares.safetensors")) {
            hashes.put(file, Sha256.of(output.resolve(file)));
        }
        return hashes;
    }

    private static List<JsonNode> metrics(Path output) throws IOException {
        return Files.readAllLines(output.resolve("metrics.jsonl")).stream()
                .map(JSON::readTree)
                .toList();
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
