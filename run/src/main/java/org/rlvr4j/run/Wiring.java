package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Columns;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemTeacher;
import org.rlvr4j.data.Problems;
import org.rlvr4j.data.SumProblems;
import org.rlvr4j.data.WordProblems;
import org.rlvr4j.data.WordProblems.Patterns;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.Measuring;
import org.rlvr4j.run.config.ProblemSets;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.WarmUpSetting;
import org.rlvr4j.run.files.Sha256;
import org.rlvr4j.run.supervised.DemonstrationSets;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Workspace;

/** Wiring: creates the objects that a configuration describes. */
public final class Wiring {

    private static final double NORM_EPSILON = 1e-6;

    private Wiring() {}

    /**
     * Loads the model that training starts from, or creates it with random weights.
     *
     * @param start     model with which the training starts
     * @param workspace workspace that computes with the model
     */
    public static Decoder model(RunConfig.Start start, Workspace workspace) {
        return switch (start) {
            case RunConfig.Start.Checkpoint(Path path, Path tokenizer, @Nullable Lora lora) -> {
                requireFit(Tokenizer.load(tokenizer), tokenizer, Checkpoint.config(path), path);
                yield lora == null ? Checkpoint.load(path, workspace, true) : Adapters.create(path, workspace, lora);
            }
            case RunConfig.Start.Random random ->
                Decoder.random(config(random, Tokenizer.load(random.tokenizer())), workspace, random.seed());
        };
    }

    /**
     * Digest of the frozen weights below trained adapters; empty if all weights are trained.
     *
     * @param start model with which the training starts
     */
    public static String frozenDigest(RunConfig.Start start) {
        return StartWeights.frozenDigest(start);
    }

    /**
     * The shape of the model that training starts from; its weights are not loaded.
     *
     * @param start model with which the training starts
     */
    public static ModelConfig config(RunConfig.Start start) {
        return switch (start) {
            case RunConfig.Start.Checkpoint(Path path, Path _, @Nullable Lora _) -> Checkpoint.config(path);
            case RunConfig.Start.Random random -> config(random, Tokenizer.load(random.tokenizer()));
        };
    }

    private static ModelConfig config(RunConfig.Start.Random random, Tokenizer tokenizer) {
        return new ModelConfig(
                ModelConfig.Family.QWEN2,
                random.hiddenSize(),
                random.mlpSize(),
                random.layers(),
                random.heads(),
                random.keyValueHeads(),
                random.hiddenSize() / random.heads(),
                NORM_EPSILON,
                random.ropeTheta(),
                tokenizer.size(),
                true,
                random.maxPositions(),
                stopTokens(tokenizer),
                null,
                null);
    }

    /** Ids of the tokens that end a turn or a text in Qwen's tokenizers. */
    private static List<Integer> stopTokens(Tokenizer tokenizer) {
        var stops = new ArrayList<Integer>();
        for (String token : List.of("<|im_end|>", "<|endoftext|>")) {
            tokenizer.id(token).ifPresent(stops::add);
        }
        return stops;
    }

    /**
     * Checks that a tokenizer has no more tokens than a model has rows; it may have fewer.
     *
     * @param tokenizer       tokenizer
     * @param tokenizerFolder folder of the tokenizer, for the message
     * @param config          shape of the model
     * @param model           folder of the model, for the message
     * @throws IllegalArgumentException if the tokenizer has more tokens
     */
    public static void requireFit(Tokenizer tokenizer, Path tokenizerFolder, ModelConfig config, Path model) {
        if (tokenizer.size() > config.vocabularySize()) {
            throw new IllegalArgumentException("the tokenizer in " + tokenizerFolder + " has " + tokenizer.size()
                    + " tokens, but the model in " + model + " only knows " + config.vocabularySize());
        }
    }

    /**
     * Sets of problems of a training.
     *
     * @param training       problems to train on
     * @param heldBack       suites to evaluate on, which are held back unless {@link #measuredOn} chose otherwise
     * @param demonstrations problems that the teacher of the warm-up answers; empty if there is no teacher
     * @param examples       demonstrations that the warm-up learns; null if it learns none
     */
    record Sets(
            List<Problem> training,
            List<Suite> heldBack,
            List<Problem> demonstrations,
            @Nullable DemonstrationSets examples) {

        /** These sets with other training problems. */
        Sets withTraining(List<Problem> other) {
            return new Sets(other, heldBack, demonstrations, examples);
        }

        /** These sets with demonstrations of the warm-up. */
        Sets withExamples(@Nullable DemonstrationSets other) {
            return new Sets(training, heldBack, demonstrations, other);
        }

        /** These sets with the suites of a setting: those held back, or one of the training problems. */
        Sets measuredOn(Measuring.Problems problems) {
            return switch (problems) {
                case HELD_BACK -> this;
                case TRAINING -> new Sets(training, List.of(new Suite("training", training)), demonstrations, examples);
            };
        }
    }

    /**
     * Checks that the suites to be sampled exist.
     *
     * @param names  names of the suites to be sampled; null for all
     * @param suites suites of the problem files
     * @throws IllegalArgumentException if a name is not that of a suite
     */
    public static void requireSuites(@Nullable List<String> names, List<Suite> suites) {
        List<String> known = suites.stream().map(Suite::name).toList();
        if (names != null && !known.containsAll(names)) {
            throw new IllegalArgumentException(
                    "the suites to be sampled, " + names + ", are not all among those there are: " + known);
        }
    }

    /** Loads or generates the problems of a training. */
    static Sets problems(ProblemSets sets, Columns columns) {
        return switch (sets) {
            case ProblemSets.Files(Path training, List<Path> heldBack) ->
                new Sets(
                        Problems.load(training, columns),
                        heldBack.stream()
                                .flatMap(file -> Suite.load(file, columns).stream())
                                .toList(),
                        List.of(),
                        null);
            case ProblemSets.Sums sums -> {
                SumProblems generator = generator(sums);
                List<Problem> heldBack = generator.generate(sums.heldBack(), sums.seed(), List.of());
                var excluded = new ArrayList<>(heldBack);
                List<Problem> training = generator.generate(sums.training(), sums.seed() + 1, excluded);
                excluded.addAll(training);
                List<Problem> demonstrations = generator.generate(sums.demonstrations(), sums.seed() + 2, excluded);
                yield new Sets(training, List.of(new Suite("sums", heldBack)), demonstrations, null);
            }
            case ProblemSets.Words words -> {
                WordProblems generator = generator(words);
                List<Problem> known = generator.generate(Patterns.KNOWN, words.heldBack(), words.seed(), List.of());
                List<Problem> unseen = generator.generate(Patterns.NEW, words.heldBack(), words.seed(), List.of());
                var excluded = new ArrayList<>(known);
                List<Problem> training =
                        generator.generate(Patterns.KNOWN, words.training(), words.seed() + 1, excluded);
                excluded.addAll(training);
                List<Problem> demonstrations =
                        generator.generate(Patterns.KNOWN, words.demonstrations(), words.seed() + 2, excluded);
                yield new Sets(
                        training,
                        List.of(new Suite("known patterns", known), new Suite("new patterns", unseen)),
                        demonstrations,
                        null);
            }
        };
    }

    /** The teacher of generated problems. */
    static ProblemTeacher teacher(ProblemSets.Generated problems) {
        return switch (problems) {
            case ProblemSets.Sums sums -> generator(sums);
            case ProblemSets.Words words -> generator(words);
        };
    }

    private static WordProblems generator(ProblemSets.Words words) {
        return new WordProblems(words.workedShare(), words.wrongShare(), words.wrongBy());
    }

    private static SumProblems generator(ProblemSets.Sums sums) {
        return new SumProblems(
                sums.terms(), sums.least(), sums.greatest(), sums.workedShare(), sums.wrongShare(), sums.wrongBy());
    }

    /**
     * The trainer's settings of a configuration, with the seed of one run.
     *
     * @param training settings of reinforcement
     * @param seed     seed of the run
     */
    public static TrainerSettings settings(RunConfig.Training training, long seed) {
        return new TrainerSettings(
                training.promptsPerStep(),
                training.groupSize(),
                training.updatesPerStep(),
                training.microBatchTokens(),
                training.maxNewTokens(),
                training.temperature(),
                training.topK(),
                training.topP(),
                LearningRate.constant(training.learningRate(), training.warmupSteps(), training.zeroStart()),
                new AdamW(training.beta1(), training.beta2(), training.epsilon(), training.weightDecay()),
                training.maxGradNorm(),
                training.maxSkipped(),
                seed);
    }

    /** @throws IllegalArgumentException if a setting of training or warmUp is out of its range; the message names it */
    static void check(RunConfig config) {
        Configs.named("training", () -> settings(config.training(), 0));
        if (config.warmUp() instanceof WarmUpSetting.Taught warmUp) {
            Configs.named("warmUp", () -> WarmUp.learningRate(warmUp));
            Configs.named("warmUp", () -> AdamW.withDecay(warmUp.weightDecay()));
        }
    }

    /** Digest of problems: SHA-256 of their content, equal for equal problems. */
    static String digest(List<Problem> problems) {
        return Sha256.of(problems.stream()
                .map(problem -> List.of(problem.key(), problem.prompt(), problem.answers(), problem.copies()))
                .toList()
                .toString());
    }
}
