package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Lora;
import org.rlvr4j.rl.Axis;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.Preset;

/**
 * Configuration of an experiment: everything that determines its runs. It is written beside the results, so that they can
 * be repeated.
 *
 * @param output     folder of the results
 * @param threads    of the CPU backend; 0 for all cores. Results do not depend on it
 * @param seeds      of the runs of each method
 * @param methods    what is compared
 * @param model      where it starts from
 * @param problems   what it is trained and evaluated on
 * @param warmUp     supervised learning before reinforcement, if any
 * @param training   size and pace of reinforcement
 * @param evaluation how results are measured
 * @param variants   settings by the name of a variant, each as {@code --set} takes them; {@code --variant} applies one
 */
public record RunConfig(
        @MayDiffer Path output,
        @MayDiffer int threads,
        List<Long> seeds,
        List<MethodChoice> methods,
        Start model,
        ProblemSets problems,
        @Nullable WarmUp warmUp,
        Training training,
        Measuring evaluation,
        @MayDiffer Map<String, List<String>> variants) {

    public RunConfig {
        require(threads >= 0, "threads must be 0 (all cores) or more, not " + threads);
        require(!seeds.isEmpty(), "at least one seed is needed");
        require(!methods.isEmpty(), "at least one method is needed");
        require(
                methods.stream().map(MethodChoice::name).distinct().count() == methods.size(),
                "two methods have the same name");
        require(
                warmUp == null || problems instanceof ProblemSets.Sums,
                "only generated sums have a teacher to warm up with; set warmUp to null");
    }

    /**
     * Reads a YAML file.
     *
     * @param overrides settings such as {@code training.steps=5} that replace the file's
     * @throws IllegalArgumentException     with one sentence that names the file, the setting's full path and its value
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static RunConfig read(Path file, String... overrides) {
        return Configs.read(file, List.of(overrides), RunConfig.class);
    }

    /**
     * Reads a YAML file with the settings of some of its variants.
     *
     * @param variants  by name, applied in their order
     * @param overrides settings that replace those of the variants
     * @throws IllegalArgumentException     if a variant or a setting is not there, or a value is not possible
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static RunConfig read(Path file, List<String> variants, List<String> overrides) {
        var settings = new ArrayList<String>();
        if (!variants.isEmpty()) {
            Map<String, List<String>> known = read(file).variants();
            for (String name : variants) {
                if (!known.containsKey(name)) {
                    throw new IllegalArgumentException(
                            file + " has no variant " + name + ", its variants are " + known.keySet());
                }
                settings.addAll(known.getOrDefault(name, List.of()));
            }
        }
        settings.addAll(overrides);
        return Configs.read(file, settings, RunConfig.class);
    }

    /** The configuration of one of its runs. */
    public RunConfig alone(MethodChoice method, long seed) {
        return new RunConfig(
                output,
                threads,
                List.of(seed),
                List.of(method),
                model,
                problems,
                warmUp,
                training,
                evaluation,
                variants);
    }

    /**
     * A method: a published one, of which some choices may be changed.
     *
     * @param name      as it is printed
     * @param algorithm whose choices it starts from
     * @param preset    of the paper's text, or of the published scripts
     * @param change    other choices; an axis that takes an algorithm takes what that algorithm chose under the preset
     */
    public record MethodChoice(String name, Method.Algorithm algorithm, Preset preset, Map<Axis, String> change) {

        public MethodChoice {
            require(
                    name.matches("[\\w+.-]+"),
                    "a method's name is one word, which names a folder, not \"" + ConfigProblem.shown(name) + "\"");
            Method _ = method(algorithm, preset, change);
        }

        /** The method with its changes. */
        public Method method() {
            return method(algorithm, preset, change);
        }

        private static Method method(Method.Algorithm algorithm, Preset preset, Map<Axis, String> change) {
            Method method = preset.of(algorithm);
            for (Map.Entry<Axis, String> choice : new TreeMap<>(change).entrySet()) { // DDOF after ADVANTAGE
                method = choice.getKey().changed(method, choice.getValue(), preset);
            }
            return method;
        }
    }

    /** The model that training starts from. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "from")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Start.Checkpoint.class, name = "checkpoint"),
        @JsonSubTypes.Type(value = Start.Random.class, name = "random")
    })
    public sealed interface Start {

        /** The folder with tokenizer and chat template. */
        Path tokenizer();

        /**
         * A folder in Hugging Face layout.
         *
         * @param tokenizer the folder with tokenizer and chat template, usually the same
         * @param lora      the adapters that are trained in place of the weights, if any; it may be left out
         */
        record Checkpoint(
                Path path,
                Path tokenizer,

                @JacksonInject(Configs.NULL_IF_ABSENT) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
                Lora lora)
                implements Start {}

        /** A Qwen2 with random weights, for the vocabulary of a tokenizer. */
        record Random(
                Path tokenizer,
                int hiddenSize,
                int mlpSize,
                int layers,
                int heads,
                int keyValueHeads,
                int maxPositions,
                double ropeTheta,
                long seed)
                implements Start {

            public Random {
                require(
                        heads > 0 && hiddenSize % heads == 0,
                        "hiddenSize " + hiddenSize + " cannot be divided among " + heads + " heads");
            }
        }
    }

    /** What a model is trained and evaluated on. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "from")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = ProblemSets.Files.class, name = "files"),
        @JsonSubTypes.Type(value = ProblemSets.Sums.class, name = "sums")
    })
    public sealed interface ProblemSets {

        /** Parquet files in verl's layout, or JSON Lines. */
        record Files(Path training, List<Path> heldBack) implements ProblemSets {}

        /**
         * Generated sums.
         *
         * @param training       how many to train on
         * @param heldBack       how many to evaluate on
         * @param demonstrations how many the teacher shows
         */
        record Sums(
                int terms,
                int least,
                int greatest,
                double workedShare,
                double wrongShare,
                int wrongBy,
                int training,
                int heldBack,
                int demonstrations,
                long seed)
                implements ProblemSets {}
    }

    /** Supervised learning from the teacher of sums; the rate falls linearly to a tenth. */
    public record WarmUp(
            int steps,
            int batchSize,
            double learningRate,
            int warmupSteps,
            double weightDecay,
            double maxGradNorm,
            long seed) {

        public WarmUp {
            require(steps > 0, "steps must be positive, not " + steps);
            require(batchSize > 0, "batchSize must be positive, not " + batchSize);
        }
    }

    /**
     * Size and pace of reinforcement; see {@link org.rlvr4j.rl.TrainerSettings}.
     *
     * @param recompute       whether layers are computed again for the backward pass, rather than kept: less memory, the
     *                        same bits
     * @param maxPromptTokens problems with longer prompts are left out
     * @param maxSequences    sequences that are generated together
     * @param saveEverySteps  a checkpoint to resume from is written after so many steps, and after the last; 0 for none
     * @param keepCheckpoints how many of them are kept, the newest, beside the best
     */
    public record Training(
            @MayDiffer int steps,
            int promptsPerStep,
            int groupSize,
            int updatesPerStep,
            @MayDiffer(unlessRatioDependsOnTheCut = true) int microBatchTokens,
            @MayDiffer boolean recompute,
            int maxPromptTokens,
            int maxNewTokens,
            double temperature,
            double learningRate,
            int warmupSteps,
            boolean zeroStart,
            double weightDecay,
            double beta1,
            double beta2,
            double epsilon,
            double maxGradNorm,
            int maxSkipped,
            @MayDiffer int maxSequences,
            @MayDiffer int saveEverySteps,
            @MayDiffer int keepCheckpoints) {

        public Training {
            require(steps > 0, "steps must be positive, not " + steps);
            require(saveEverySteps >= 0, "saveEverySteps must be 0 or more, not " + saveEverySteps);
            require(keepCheckpoints > 0, "keepCheckpoints must be positive, not " + keepCheckpoints);
        }
    }

    /**
     * How results are measured on the held-back problems.
     *
     * @param samples       k of Avg@k
     * @param sampledSuites those whose Avg@k is measured, all if null; Avg@1, which is greedy, is measured of all
     * @param everySteps    greedy accuracy is measured after so many steps, for the curve; 0 for only before and after
     * @param maxNewTokens  at which a completion is cut off
     * @param maxSequences  sequences that are generated together
     */
    public record Measuring(
            int samples,
            @Nullable List<String> sampledSuites,
            int everySteps,
            int maxNewTokens,
            @MayDiffer int maxSequences,
            long seed) {

        public Measuring {
            require(samples > 0, "samples must be positive, not " + samples);
            require(sampledSuites == null || !sampledSuites.isEmpty(), "sampledSuites must name a suite, or be null");
            require(everySteps >= 0, "everySteps must be 0 or more, not " + everySteps);
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
