package org.rlvr4j.run.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.Clipping;

/** Configurations that say only what differs from the defaults. */
class DefaultsTest {

    private static final String TEN_LINES = """
        methods: [DCPO]
        model:
          from: checkpoint
          path: checkpoints/own
        problems:
          from: files
          training: train.jsonl
          heldBack: [test.jsonl]
        training:
          maxNewTokens: 64
        """;

    @TempDir
    private Path folder;

    @Test
    void tenLinesAreEnough() throws IOException {
        RunConfig config = read(TEN_LINES);

        assertThat(TEN_LINES.lines()).hasSize(10);
        assertThat(config.output()).isEqualTo(Path.of("runs/own"));
        assertThat(config.model())
                .isEqualTo(
                        new RunConfig.Start.Checkpoint(Path.of("checkpoints/own"), Path.of("checkpoints/own"), null));
        assertThat(config.methods().getFirst().name()).isEqualTo("DCPO");
        assertThat(config.evaluation().maxNewTokens()).isEqualTo(64);
        assertThat(config.reward()).isNull();
        assertThat(config.prompt()).isEqualTo(PromptSettings.NONE);
    }

    /** Columns: overrides, and the folder of the tokenizer. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        model.path=other                                    | other
        model.tokenizer=words                               | words
        model={from: checkpoint, path: third}               | third
        model={from: checkpoint, path: a, tokenizer: words} | words
        """)
    void tokenizerIsThatOfTheCheckpointThatAnOverrideNames(String override, Path tokenizer) throws IOException {
        Path file = Files.writeString(folder.resolve("own.yaml"), TEN_LINES);

        assertThat(RunConfig.read(file, override).model().tokenizer()).isEqualTo(tokenizer);
    }

    @Test
    void effectiveConfigurationIsWrittenWholeAndReadAgain() throws IOException {
        RunConfig config = read(TEN_LINES + """
            reward:
              - number
              - { java: MyReward.java, weight: 0.5, sources: [a, b] }
              - { regex: "<a>(.*)</a>", accuracy: true }
              - length: { from: 10, to: 20 }
            prompt: { system: Be brief., variables: { enable_thinking: false, depth: 3 } }
            """);
        Path effective = folder.resolve("effective.yaml");
        Files.writeString(effective, Configs.write(config));

        assertThat(RunConfig.read(effective)).isEqualTo(config);
        assertThat(effective).content().contains("learningRate: 1.0E-6", "strict: false", "timeLimit: 60");
        assertThat(config.prompt().variables()).isEqualTo(Map.of("enable_thinking", false, "depth", 3));
    }

    @Test
    void numbersOfAnObjectiveAreSettings() throws IOException {
        RunConfig config = read(TEN_LINES.replace("[DCPO]", """

            - algorithm: DCPO
              change:
                CLIP: { clipHigh: 0.28 }
                WEIGHT: TOKEN_MEAN
                KL: { kind: K3, coefficient: 0.01 }\
            """));

        var method = config.methods().getFirst().method();
        assertThat(method.loss().clipping()).isEqualTo(new Clipping(new AdaptiveClip(0.16, 0.28, 10), 10));
        assertThat(method.loss().kl().coefficient()).isEqualTo(0.01);
        assertThat(Configs.write(config)).contains("clipHigh: 0.28", "WEIGHT: TOKEN_MEAN", "kind: K3");
    }

    /** Columns: a start, and the learning rate for it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        { from: checkpoint, path: own }                 | 2e-5
        { from: checkpoint, path: own, lora: {} }       | 2e-4
        { from: random, tokenizer: configs/tiny-tokenizer } | 1e-3
        """)
    void learningRateOfDemonstrationsIsThatOfTheirStart(String model, double rate) throws IOException {
        String warmUp = TEN_LINES.replaceFirst("(?s)model:.*?problems", "model: " + model + "\nproblems")
                + "warmUp: { demonstrations: examples.jsonl }\n";
        Path sft = folder.resolve("sft.yaml");
        Files.writeString(sft, "model: {from: checkpoint, path: x}\ntraining: { demonstrations: examples.jsonl }\n");

        assertThat(read(warmUp).warmUp()).isInstanceOfSatisfying(Demonstrations.class, settings -> {
            assertThat(settings.learningRate()).isEqualTo(rate);
            assertThat(settings.demonstrations()).isEqualTo(Path.of("examples.jsonl"));
        });
        assertThat(SupervisedConfig.read(sft, List.of(), List.of("model=" + model))
                        .training())
                .isEqualTo(read(warmUp).warmUp());
        assertThat(SupervisedConfig.read(sft, List.of(), List.of("training.learningRate=3e-3", "model=" + model))
                        .training()
                        .learningRate())
                .isEqualTo(3e-3);
    }

    @Test
    void overridesChangeWhatDependsOnThem() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.yaml"), TEN_LINES);

        assertThat(RunConfig.read(file, "model.path=other").model().tokenizer()).isEqualTo(Path.of("other"));
        assertThat(RunConfig.read(file, "model.tokenizer=words").model().tokenizer())
                .isEqualTo(Path.of("words"));
        assertThat(RunConfig.read(file, "model={from: checkpoint, path: other}")
                        .model()
                        .tokenizer())
                .isEqualTo(Path.of("other"));
        assertThat(RunConfig.read(file, "warmUp={demonstrations: examples.jsonl}")
                        .warmUp())
                .isEqualTo(read(TEN_LINES + "warmUp: { demonstrations: examples.jsonl }\n")
                        .warmUp());
    }

    @Test
    void warmUpIsOfSumsOrOfExamples() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(TEN_LINES + "warmUp: { steps: 3 }\n"))
                .withMessageEndingWith(
                        "only generated problems have a teacher to warm up with; give warmUp.demonstrations, a file"
                                + " of examples, or set warmUp to null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(TEN_LINES + "warmUp: { demonstrations: a.jsonl, epoch: 3 }\n"))
                .withMessageContaining("warmUp.epoch: is no setting, did you mean epochs?");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(TEN_LINES + "warmUp: 3\n"))
                .withMessageContaining("warmUp: must be a group of settings, not 3");
        RunConfig config = read(TEN_LINES + "warmUp: { demonstrations: a.jsonl, heldBack: b.jsonl }\n");
        Path effective = folder.resolve("effective.yaml");
        Files.writeString(effective, Configs.write(config));
        assertThat(RunConfig.read(effective)).isEqualTo(config);
    }

    /** Columns: a line, its replacement, and the sentence after the file's name. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        maxNewTokens: 64 | maxNewToken: 64 | training.maxNewToken: is no setting, did you mean maxNewTokens? known here:
        methods: [DCPO]  | method: [DCPO]  | methods: is missing, is it meant by method?
        methods: [DCPO]  | methods: [DCP]  | methods.0.algorithm: must be one of GRPO, DAPO, GSPO, DCPO,
        methods: [DCPO]  | methods: [{algorithm: DCPO, change: {CLIP: {low: 1}}}] | methods.0: CLIP has no setting low
        methods: [DCPO]  | methods: [{algorithm: DCPO, change: {REWARD: BINARY}}]\\nreward: [boxed] | reward takes the place
        methods: [DCPO]  | methods: [DCPO]\\nreward: [box] | reward.0.box: is no setting, did you mean boxed?
        methods: [DCPO]  | methods: [DCPO]\\nreward: [{weight: 2}] | reward.0: a part of a reward has one of boxed, number
        methods: [DCPO]  | methods: [DCPO]\\nreward: [{boxed: {}, number: {}}] | reward.0: a part of a reward has one of
        methods: [DCPO]  | methods: [DCPO]\\nreward: [] | reward must have a part, or be null
        methods: [DCPO]  | methods: [DCPO]\\nreward: [length] | reward.0.length.from: is missing
          heldBack: [test.jsonl] |   heldBack: [] | problems: heldBack must name at least one file to evaluate on
        """, ignoreLeadingAndTrailingWhitespace = true)
    void whatIsWrongIsNamed(String from, String to, String sentence) throws IOException {
        assertThat(TEN_LINES).contains(from);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(TEN_LINES.replace(from, to.replace("\\n", "\n"))))
                .withMessageStartingWith(folder.resolve("own.yaml") + ": " + sentence);
    }

    @Test
    void settingThatTheFileLeavesOutCanBeOverridden() throws IOException {
        Path file = folder.resolve("own.yaml");
        Files.writeString(file, TEN_LINES);

        assertThat(RunConfig.read(file, "training.topP=0.9").training().topP()).isEqualTo(0.9);
        assertThat(RunConfig.read(file, "reward=[number]").reward()).hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunConfig.read(file, "training.topQ=0.9"))
                .withMessage("--set training.topQ=0.9: " + file + " has no setting training.topQ, did you mean topK?");
    }

    @Test
    void rewardsOfTheCommandLineAreKindsAndFiles() {
        List<RewardSetting> parts = Configs.rewards(List.of("number", "MyReward.java"));

        assertThat(parts.get(0).number()).isEqualTo(new RewardSetting.LastNumber(false));
        assertThat(parts.get(1).java()).isEqualTo(new RewardSetting.Java(Path.of("MyReward.java"), null, 60));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Configs.rewards(List.of("numbr")))
                .withMessageStartingWith("--verifier: must be one of [boxed, number");
    }

    private RunConfig read(String yaml) throws IOException {
        Path file = folder.resolve("own.yaml");
        Files.writeString(file, yaml);
        return RunConfig.read(file);
    }
}
