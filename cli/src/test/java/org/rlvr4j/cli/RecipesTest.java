package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.rl.Method;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.ProblemSets;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.reward.Rewards;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;

/** The files in configs say what they are meant to say. */
class RecipesTest {

    private static final Path CONFIGS = Path.of("configs");
    private static final Path EXAMPLE = Path.of("examples/length50.yaml");

    @TempDir
    private Path folder = Path.of("");

    static Stream<Path> everyFile() throws IOException {
        try (Stream<Path> files = Files.list(CONFIGS)) {
            return files
                    .filter(file -> file.toString().endsWith(".yaml") && !SupervisedConfig.isIn(file))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    static Stream<Path> everyFileAndExample() throws IOException {
        return Stream.concat(everyFile(), Stream.of(EXAMPLE));
    }

    @ParameterizedTest
    @MethodSource("everyFileAndExample")
    void fileAndItsVariantsAreComplete(Path file) {
        RunConfig plain = RunConfig.read(file, List.of(), List.of());

        plain.variants().values().forEach(settings -> {
            RunConfig variant = RunConfig.read(file, List.of(), settings);
            assertThat(variant).isNotEqualTo(plain);
            assertThat(variant.variants()).isEqualTo(plain.variants());
        });
    }

    @Test
    void fileOfSupervisedLearningIsComplete() {
        Path file = CONFIGS.resolve("sft.yaml");

        assertThat(SupervisedConfig.isIn(file)).isTrue();
        assertThat(SupervisedConfig.read(file, List.of(), List.of()).output()).isEqualTo(Path.of("runs/sft"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        GRPO, math-1.5b, Qwen2.5-Math-1.5B-Instruct
        GRPO, 3b,        Qwen2.5-3B
        GRPO, math-7b,   Qwen2.5-Math-7B
        DAPO, math-1.5b, Qwen2.5-Math-1.5B-Instruct
        DAPO, 3b,        Qwen2.5-3B
        DAPO, math-7b,   Qwen2.5-Math-7B
        GSPO, math-1.5b, Qwen2.5-Math-1.5B-Instruct
        GSPO, 3b,        Qwen2.5-3B
        GSPO, math-7b,   Qwen2.5-Math-7B
        DCPO, math-1.5b, Qwen2.5-Math-1.5B-Instruct
        DCPO, 3b,        Qwen2.5-3B
        DCPO, math-7b,   Qwen2.5-Math-7B
        """)
    void recipeHasThePublishedNumbers(Method.Algorithm algorithm, String size, String model) {
        String name = algorithm.name().toLowerCase(Locale.ROOT) + "-qwen2.5-" + size;
        RunConfig recipe = RunConfig.read(CONFIGS.resolve(name + ".yaml"), List.of(), List.of());
        var training = recipe.training();
        var settings = Wiring.settings(training, 1);

        assertThat(recipe.output()).isEqualTo(Path.of("runs", name));
        assertThat(recipe.model())
                .isEqualTo(new RunConfig.Start.Checkpoint(
                        Path.of("downloads/models", model), Path.of("downloads/models", model), null));
        assertThat(recipe.methods()).singleElement().satisfies(method -> assertThat(method.method())
                .isEqualTo(algorithm.paper()));
        assertThat(training.steps()).isEqualTo(400);
        assertThat(settings.promptsPerStep()).isEqualTo(512);
        assertThat(settings.groupSize()).isEqualTo(16);
        assertThat(settings.promptsPerStep() / settings.updatesPerStep()).isEqualTo(32);
        assertThat(training.maxPromptTokens()).isEqualTo(1024);
        assertThat(settings.maxNewTokens()).isEqualTo(3072);
        assertThat(settings.temperature()).isEqualTo(1);
        assertThat(settings.learningRate()).isEqualTo(LearningRate.constant(1e-6, 10, false));
        assertThat(settings.adamW()).isEqualTo(new AdamW(0.9, 0.999, 1e-8, 0.1));
        assertThat(settings.maxGradNorm()).isEqualTo(1);
        assertThat(training.saveEverySteps()).isEqualTo(10);
        assertThat(recipe.evaluation().everySteps()).isEqualTo(5);
        assertThat(recipe.evaluation().samples()).isEqualTo(32);
        assertThat(recipe.evaluation().sampledSuites()).containsExactly("AMC-23", "AIME-24", "AIME-25");
        assertThat(recipe.evaluation().maxNewTokens()).isEqualTo(3072);
    }

    @Test
    void recipeForAdaptersIsThatForAllWeightsAtTenTimesTheRate() throws IOException {
        Path all = CONFIGS.resolve("dcpo-qwen2.5-math-1.5b.yaml");
        Path adapters = CONFIGS.resolve("dcpo-qwen2.5-math-1.5b-lora.yaml");
        RunConfig recipe = RunConfig.read(adapters, List.of(), List.of());
        Path written =
                Files.writeString(folder.resolve("all.yaml"), Configs.write(RunConfig.read(all, List.of(), List.of())));

        assertThat(Configs.differences(written, recipe, Set.of("model.lora", "variants", "output")))
                .containsExactly("training.learningRate 1.0E-6 and not 1.0E-5");
        assertThat(recipe.model())
                .asInstanceOf(type(RunConfig.Start.Checkpoint.class))
                .satisfies(start -> {
                    assertThat(start.lora()).isNotNull();
                    assertThat(Configs.write(start)).contains("rank: 16", "alpha: 32.0");
                });
    }

    @ParameterizedTest
    @CsvSource({"grpo", "dapo", "gspo", "dcpo"})
    void recipeFor14BIsThatFor3BWithAdaptersAtTenTimesTheRate(String method) throws IOException {
        RunConfig small = RunConfig.read(CONFIGS.resolve(method + "-qwen2.5-3b.yaml"), List.of(), List.of());
        RunConfig recipe = RunConfig.read(CONFIGS.resolve(method + "-qwen2.5-14b-lora.yaml"), List.of(), List.of());
        Path written = Files.writeString(folder.resolve("small.yaml"), Configs.write(small));

        assertThat(Configs.differences(
                        written, recipe, Set.of("model.path", "model.tokenizer", "model.lora", "variants", "output")))
                .containsExactlyInAnyOrder(
                        "training.learningRate 1.0E-6 and not 1.0E-5",
                        "training.maxSequences 32 and not 8",
                        "evaluation.maxSequences 32 and not 8");
        Path model = Path.of("downloads/models/Qwen2.5-14B");
        assertThat(recipe.model())
                .asInstanceOf(type(RunConfig.Start.Checkpoint.class))
                .satisfies(start -> {
                    assertThat(List.of(start.path(), start.tokenizer())).containsOnly(model);
                    assertThat(start.lora()).isNotNull();
                });
    }

    @ParameterizedTest
    @MethodSource("everyFileAndExample")
    void fileIsPlannedWithAnyCheckpointAndProblems(Path file) throws IOException {
        Path checkpoint = TinyCheckpoint.write(folder.resolve("model"), 0);
        Path json = checkpoint.resolve("config.json");
        String positions = "\"max_position_embeddings\" : ";
        Files.writeString(json, Files.readString(json).replace(positions + 64, positions + 8192));
        Path problems = Files.writeString(
                folder.resolve("problems.jsonl"),
                "{\"prompt\": \"1+2=\", \"answer\": \"3\", \"target\": 3, \"nums\": [1, 2]}\n");
        var settings = new ArrayList<>(List.of("output=" + folder.resolve("run")));
        RunConfig config = RunConfig.read(file);
        if (config.problems() instanceof ProblemSets.Words) { // a token is a byte
            checkpoint = TinyCheckpoint.writeForAnyText(folder.resolve("any-text"));
            settings.add("training.maxPromptTokens=512");
        }
        if (config.model() instanceof RunConfig.Start.Checkpoint) {
            settings.addAll(List.of("model.path=" + checkpoint, "model.tokenizer=" + checkpoint));
        }
        if (config.problems() instanceof ProblemSets.Files) {
            settings.addAll(List.of(
                    "problems.training=" + problems,
                    "problems.heldBack=[" + problems + "]",
                    "prompt.suffix=null", // the tokenizer knows few letters
                    "evaluation.sampledSuites=null"));
        }

        Training training = Training.of(RunConfig.read(file, settings.toArray(String[]::new)));

        assertThat(training.plan(RunListener.SILENT).total()).isPositive();
        assertThat(training.diskPlan().left())
                .isPositive()
                .isLessThanOrEqualTo(training.diskPlan().peak());
    }

    @Test
    void recipeForQwen3IsWithoutThinkingAndTakesThePublishedNumbers() {
        RunConfig recipe = RunConfig.read(CONFIGS.resolve("grpo-qwen3-0.6b-base.yaml"));
        var settings = Wiring.settings(recipe.training(), 1);

        assertThat(recipe.prompt().variables()).isEqualTo(Map.of("enable_thinking", false));
        assertThat(settings.promptsPerStep()).isEqualTo(1);
        assertThat(settings.groupSize()).isEqualTo(8);
        assertThat(settings.maxNewTokens()).isEqualTo(512);
        assertThat(settings.temperature()).isEqualTo(0.8);
        assertThat(settings.topP()).isEqualTo(0.9);
        assertThat(settings.learningRate()).isEqualTo(LearningRate.constant(1e-5, 0, false));
        assertThat(recipe.evaluation().maxNewTokens()).isEqualTo(2048);
    }

    @Test
    void rewardOfTheExampleIsTheDistanceFromTheLengthAskedFor() {
        RunConfig example = RunConfig.read(EXAMPLE);
        var problem = new Problem("1", "prompts", List.of(new Message("user", "Why?")), List.of("50"), 1, Map.of());
        Verifier verifier =
                Rewards.of(example.reward(), RecipesTest.class.getClassLoader()).verifier();

        Verdict far = verifier.verify(problem, new Answer("", new int[30], false));
        Verdict near = verifier.verify(problem, new Answer("", new int[58], false));

        assertThat(far.parts()).isEqualTo(Map.of("TargetLength", -20.0));
        assertThat(far.correct()).isFalse();
        assertThat(near.parts()).isEqualTo(Map.of("TargetLength", -8.0));
        assertThat(near.correct()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"GRPO, 1.5b", "DAPO, 1.5b", "GSPO, 7b", "DCPO, 7b"})
    void variantScriptRunsAsThePublishedScript(Method.Algorithm algorithm, String size) {
        Path file = CONFIGS.resolve(algorithm.name().toLowerCase(Locale.ROOT) + "-qwen2.5-math-" + size + ".yaml");
        RunConfig plain = RunConfig.read(file, List.of(), List.of());
        RunConfig script = RunConfig.read(file, List.of(), plain.variants().getOrDefault("script", List.of()));

        assertThat(script.methods().getFirst().method()).isEqualTo(algorithm.script());
        assertThat(Wiring.settings(script.training(), 1).learningRate())
                .isEqualTo(LearningRate.constant(1e-6, 10, true));
        assertThat(script.output()).isEqualTo(Path.of(plain.output() + "-script"));
        assertThat(script.evaluation()).isEqualTo(plain.evaluation());
    }

    @ParameterizedTest
    @CsvSource({"tiny, quickly, quick", "tiny, script, quick", "dcpo-qwen2.5-math-7b, quick, script"})
    void unknownVariantIsOneSentence(String file, String variant, String known) {
        var err = new StringWriter();

        int exitCode = Main.commandLine(new Main(), false, List.of("ablate"))
                .setErr(new PrintWriter(err, true))
                .execute("ablate", "configs/" + file + ".yaml", "--variant", variant);

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString().strip())
                .isEqualTo("rlvr4j: configs/%s.yaml has no variant %s, its variants are [%s]"
                        .formatted(file, variant, known));
    }
}
