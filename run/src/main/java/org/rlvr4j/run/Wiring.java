package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.Problems;
import org.rlvr4j.data.SumProblems;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.QwenConfig;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Workspace;

/** From the configuration to the objects it speaks of. */
public final class Wiring {

    private static final double NORM_EPSILON = 1e-6;

    private Wiring() {}

    static Qwen2 model(RunConfig.Start start, Workspace workspace) {
        return switch (start) {
            case RunConfig.Start.Checkpoint(Path path, Path tokenizer, @Nullable Lora lora) -> {
                requireFit(Tokenizer.load(tokenizer), tokenizer, Checkpoint.config(path), path);
                yield lora == null ? Checkpoint.load(path, workspace, true) : Adapters.create(path, workspace, lora);
            }
            case RunConfig.Start.Random random ->
                Qwen2.random(config(random, Tokenizer.load(random.tokenizer())), workspace, random.seed());
        };
    }

    /** The shape of the model, without its weights. */
    public static QwenConfig config(RunConfig.Start start) {
        return switch (start) {
            case RunConfig.Start.Checkpoint(Path path, Path _, @Nullable Lora _) -> Checkpoint.config(path);
            case RunConfig.Start.Random random -> config(random, Tokenizer.load(random.tokenizer()));
        };
    }

    private static QwenConfig config(RunConfig.Start.Random random, Tokenizer tokenizer) {
        return new QwenConfig(
                QwenConfig.Architecture.QWEN2,
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

    /** The tokens that end a turn, or a text, in Qwen's tokenizers. */
    private static List<Integer> stopTokens(Tokenizer tokenizer) {
        var stops = new ArrayList<Integer>();
        for (String token : List.of("<|im_end|>", "<|endoftext|>")) {
            tokenizer.id(token).ifPresent(stops::add);
        }
        return stops;
    }

    /** A tokenizer may have fewer tokens than a model has rows, but not more. */
    public static void requireFit(Tokenizer tokenizer, Path from, QwenConfig config, Path model) {
        if (tokenizer.size() > config.vocabularySize()) {
            throw new IllegalArgumentException("the tokenizer in " + from + " has " + tokenizer.size()
                    + " tokens, but the model in " + model + " only knows " + config.vocabularySize());
        }
    }

    /** What a run learns from, is measured on, and is warmed up with. */
    record Sets(List<Problem> training, List<Suite> heldBack, List<Problem> demonstrations) {

        Sets training(List<Problem> other) {
            return new Sets(other, heldBack, demonstrations);
        }
    }

    /** Suites that are to be sampled have to be there. */
    public static void requireSuites(@Nullable List<String> names, List<Suite> suites) {
        List<String> known = suites.stream().map(Suite::name).toList();
        if (names != null && !known.containsAll(names)) {
            throw new IllegalArgumentException(
                    "the suites to be sampled, " + names + ", are not all among those there are: " + known);
        }
    }

    static Sets problems(RunConfig.ProblemSets sets) {
        return switch (sets) {
            case RunConfig.ProblemSets.Files(Path training, List<Path> heldBack) ->
                new Sets(
                        Problems.load(training),
                        heldBack.stream()
                                .flatMap(file -> Suite.load(file).stream())
                                .toList(),
                        List.of());
            case RunConfig.ProblemSets.Sums sums -> {
                SumProblems generator = teacher(sums);
                List<Problem> heldBack = generator.generate(sums.heldBack(), sums.seed(), List.of());
                var taken = new ArrayList<>(heldBack);
                List<Problem> training = generator.generate(sums.training(), sums.seed() + 1, taken);
                taken.addAll(training);
                List<Problem> shown = generator.generate(sums.demonstrations(), sums.seed() + 2, taken);
                yield new Sets(training, List.of(new Suite("sums", heldBack)), shown);
            }
        };
    }

    static SumProblems teacher(RunConfig.ProblemSets.Sums sums) {
        return new SumProblems(
                sums.terms(), sums.least(), sums.greatest(), sums.workedShare(), sums.wrongShare(), sums.wrongBy());
    }

    public static TrainerSettings settings(RunConfig.Training training, long seed) {
        return new TrainerSettings(
                training.promptsPerStep(),
                training.groupSize(),
                training.updatesPerStep(),
                training.microBatchTokens(),
                training.maxNewTokens(),
                training.temperature(),
                LearningRate.constant(training.learningRate(), training.warmupSteps(), training.zeroStart()),
                new AdamW(training.beta1(), training.beta2(), training.epsilon(), training.weightDecay()),
                training.maxGradNorm(),
                training.maxSkipped(),
                seed);
    }

    /** @throws IllegalArgumentException if a setting of the training is not possible */
    static void check(RunConfig config) {
        TrainerSettings _ = settings(config.training(), 0);
    }

    /** Names the content of problems: equal ones give equal names. */
    static String digest(List<Problem> problems) {
        return Sha256.of(problems.stream()
                .map(problem -> List.of(problem.key(), problem.prompt(), problem.answers(), problem.copies()))
                .toList()
                .toString());
    }
}
