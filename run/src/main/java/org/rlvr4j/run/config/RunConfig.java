package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.model.Lora;
import org.rlvr4j.rl.Axis;
import org.rlvr4j.rl.ScoredGenerator;
import org.rlvr4j.rl.Shards;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.tensor.Require;

/**
 * Run configuration: everything that determines the runs of a training. It is written beside the results, so that
 * they can be repeated.
 *
 * @param output     folder of the results
 * @param threads    number of threads of the CPU backend; 0 for all cores. Results do not depend on it
 * @param seeds      seeds of each method; there is one run for each method and seed
 * @param methods    methods to train with and compare
 * @param model      model that training starts from
 * @param problems   problems to train and evaluate on
 * @param reward     parts of the reward, whose weighted sum takes the place of the methods' own rewards; null for those,
 *                   of the last box as the mathematics grader judges it
 * @param prompt     settings of the prompts that are made of problems
 * @param warmUp     supervised learning before reinforcement; null for none
 * @param training   sizes, learning rate and other settings of reinforcement
 * @param evaluation settings of the evaluations
 * @param variants   overrides by the name of a variant, in the form of {@code --set}; {@code --variant} applies those
 *                   of one
 */
public record RunConfig(
        @MayDiffer Path output,
        @MayDiffer int threads,
        List<Long> seeds,
        List<MethodChoice> methods,
        Start model,
        ProblemSets problems,
        @Nullable List<RewardSetting> reward,
        PromptSettings prompt,
        @Nullable WarmUpSetting warmUp,
        Training training,
        Measuring evaluation,
        @MayDiffer Map<String, List<String>> variants) {

    /** @throws IllegalArgumentException if the settings cannot be combined; the message says why */
    public RunConfig {
        Require.that(threads >= 0, "threads must be 0 (all cores) or more, not " + threads);
        Require.that(!seeds.isEmpty(), "at least one seed is needed");
        Require.that(!methods.isEmpty(), "at least one method is needed");
        Require.that(
                methods.stream().map(MethodChoice::name).distinct().count() == methods.size(),
                "two methods have the same name");
        for (MethodChoice choice : methods) {
            Advantage advantage = choice.method().advantage();
            Require.that(
                    training.groupSize() >= advantage.leastResponses(),
                    "training.groupSize must be " + advantage.leastResponses() + " or more for the advantage "
                            + advantage.tag() + " of " + choice.name() + ", not " + training.groupSize());
        }
        for (int i = 0; reward != null && i < reward.size(); i++) {
            Configs.named("reward." + i, reward.get(i)::kind);
        }
        Require.that(reward == null || !reward.isEmpty(), "reward must have a part, or be null");
        Require.that(
                reward == null || methods.stream().noneMatch(it -> it.change().containsKey(Axis.REWARD)),
                "reward takes the place of the axis REWARD, so no method can change REWARD; leave one of them out");
        if (warmUp instanceof WarmUpSetting.Taught) {
            Require.that(
                    problems instanceof ProblemSets.Generated,
                    "only generated problems have a teacher to warm up with; give warmUp.demonstrations, a file of"
                            + " examples, or set warmUp to null");
            Require.that(
                    !(problems instanceof ProblemSets.Generated generated) || generated.demonstrations() > 0,
                    "warmUp needs problems.demonstrations above 0");
        }
    }

    /**
     * Reads a configuration from a YAML file.
     *
     * @param file      YAML file
     * @param overrides settings such as {@code training.steps=5} that replace those of the file
     * @throws IllegalArgumentException     if a setting is wrong; the message is one sentence that names the file, the
     *                                      setting's full path and its value
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static RunConfig read(Path file, String... overrides) {
        return Configs.read(file, List.of(overrides), RunConfig.class, Defaults::complete);
    }

    /**
     * Reads a configuration from text.
     *
     * @param yaml text in YAML
     * @param file file that the text will stand in, for messages and the default of {@code output}
     * @throws IllegalArgumentException if a setting is wrong
     */
    public static RunConfig parse(String yaml, Path file) {
        return Configs.bind(yaml, file, List.of(), RunConfig.class, Defaults::complete);
    }

    /**
     * Reads a configuration from a YAML file and applies variants of the file.
     *
     * @param file      YAML file
     * @param variants  names of variants, which are applied in this order
     * @param overrides settings that replace those of the file and of the variants
     * @throws IllegalArgumentException     if a variant or a setting does not exist, or a value is not possible
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static RunConfig read(Path file, List<String> variants, List<String> overrides) {
        List<String> settings = variants.isEmpty()
                ? overrides
                : Configs.withVariants(file, read(file).variants(), variants, overrides);
        return Configs.read(file, settings, RunConfig.class, Defaults::complete);
    }

    /**
     * The configuration of one run.
     *
     * @param method only method of the run
     * @param seed   only seed of the run
     */
    public RunConfig ofRun(MethodChoice method, long seed) {
        return of(List.of(method), seed);
    }

    private RunConfig of(List<MethodChoice> some, long seed) {
        return new RunConfig(
                output,
                threads,
                List.of(seed),
                some,
                model,
                problems,
                reward,
                prompt,
                warmUp,
                training,
                evaluation,
                variants);
    }

    /** Whether each seed has a start of its own, because it has a warm-up of its own. */
    public boolean hasStartForEachSeed() {
        return warmUp != null && warmUp.eachSeed();
    }

    /** The configurations of the parts of this training that have a start in common: one, or one for each seed. */
    public List<RunConfig> byStart() {
        return hasStartForEachSeed()
                ? seeds.stream().map(seed -> of(methods, seed)).toList()
                : List.of(this);
    }

    /**
     * Whether the weights that runs start from are written to the output folder: they are new, warmed up, or those of adapters.
     * Otherwise they are read where they are.
     */
    public boolean copiesStart() {
        return !(model instanceof Start.Checkpoint checkpoint) || checkpoint.lora() != null || warmUp != null;
    }

    /** Start of a training: the model with which it begins. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "from")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Start.Checkpoint.class, name = "checkpoint"),
        @JsonSubTypes.Type(value = Start.Random.class, name = "random")
    })
    public sealed interface Start {

        /** Folder with tokenizer and chat template. */
        Path tokenizer();

        /**
         * Start from a checkpoint in Hugging Face layout.
         *
         * @param path      folder of the checkpoint
         * @param tokenizer folder with tokenizer and chat template, usually the same folder
         * @param lora      settings of adapters, which are trained in place of the weights; null, or left out, to
         *                  train all weights
         */
        record Checkpoint(
                Path path,
                Path tokenizer,

                @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
                Lora lora) implements Start {}

        /**
         * Start from a Qwen2 model with random weights, for the vocabulary of a tokenizer.
         *
         * @param tokenizer     folder with tokenizer and chat template
         * @param hiddenSize    hidden size C; a multiple of {@code heads}
         * @param mlpSize       hidden size of the MLP
         * @param layers        number of layers
         * @param heads         number of query heads
         * @param keyValueHeads number of key-value heads
         * @param maxPositions  largest number of tokens of a sequence
         * @param ropeTheta     base of the rotary embeddings' frequencies
         * @param seed          seed of the random weights
         */
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

            /** @throws IllegalArgumentException if {@code hiddenSize} is not a multiple of {@code heads} */
            public Random {
                Require.that(
                        heads > 0 && hiddenSize % heads == 0,
                        "hiddenSize " + hiddenSize + " cannot be divided among " + heads + " heads");
            }
        }
    }

    /**
     * Settings of reinforcement; see also {@link org.rlvr4j.rl.TrainerSettings}.
     *
     * @param steps            number of rollout steps
     * @param promptsPerStep   number of groups of one rollout
     * @param groupSize        number of responses to one prompt; at least 2
     * @param updatesPerStep   number of optimizer steps from one rollout; a divisor of {@code promptsPerStep}
     * @param microBatchTokens most tokens of one forward and backward pass, prompts included
     * @param sharePrompts     whether an update computes a prompt once for the responses of its group, where the device
     *                         can; if not, it is repeated before each response, and gradients round otherwise
     * @param gradientShards   number of parts of a mini-batch whose gradients are added up, a power of two: the results depend
     *                         on it, and not on the number of machines that compute them
     * @param recompute        whether layers are computed again in the backward pass instead of stored: less memory,
     *                         the same bits
     * @param maxPromptTokens  largest number of tokens of a prompt; problems with longer prompts are left out
     * @param solvedBetween    bounds of how often the start solves a problem to train on; null for none
     * @param maxNewTokens     most tokens of a response; a longer one is cut off there
     * @param temperature      temperature of sampling and of the log-probabilities; above 0
     * @param topK             number of most likely tokens to draw from; 0 for all
     * @param topP             probability that the smallest set of tokens to draw from must reach; 1 for all
     * @param learningRate     peak learning rate
     * @param warmupSteps      number of steps in which the learning rate rises to its peak
     * @param zeroStart        whether the learning rate of the first step is 0
     * @param weightDecay      weight decay of the optimizer
     * @param beta1            decay of the mean of the gradients
     * @param beta2            decay of the mean square of the gradients
     * @param epsilon          number added to the root of the mean square
     * @param maxGradNorm      largest global L2 norm of a gradient; a larger gradient is scaled down to it
     * @param maxSkipped       most updates in a row that may be skipped because loss or gradient is not finite
     * @param maxSequences     most sequences that are generated at the same time
     * @param cacheType        type of the keys and values of all sequences being generated, in evaluations as well
     * @param oldPolicy        which log-probabilities are the old policy's where a rollout's are not the trainer's
     * @param saveEverySteps   number of steps between checkpoints, which are also written after the last step; 0 for
     *                         none
     * @param keepCheckpoints  number of newest checkpoints to keep, beside the best one; 0 to keep the newest until all
     *                         runs have ended, and none then
     * @param resultType       precision in which the trained model is written
     * @param samplesPerStep   number of prompts of each step whose responses are written to {@code samples.jsonl}
     */
    public record Training(
            @MayDiffer int steps,
            int promptsPerStep,
            int groupSize,
            int updatesPerStep,

            @MayDiffer(unlessRatioDependsOnMicroBatches = true)
            int microBatchTokens,

            boolean sharePrompts,
            int gradientShards,
            @MayDiffer boolean recompute,
            int maxPromptTokens,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            SolvedBetween solvedBetween,

            int maxNewTokens,
            double temperature,
            int topK,
            double topP,
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
            CacheType cacheType,
            ScoredGenerator.OldPolicy oldPolicy,
            @MayDiffer int saveEverySteps,
            @MayDiffer int keepCheckpoints,
            @MayDiffer ResultType resultType,
            int samplesPerStep) {

        /** @throws IllegalArgumentException if a number of steps or checkpoints is out of its range */
        public Training {
            Require.that(steps > 0, "steps must be positive, not " + steps);
            Require.that(saveEverySteps >= 0, "saveEverySteps must be 0 or more, not " + saveEverySteps);
            Require.that(keepCheckpoints >= 0, "keepCheckpoints must be 0 or more, not " + keepCheckpoints);
            Require.that(samplesPerStep >= 0, "samplesPerStep must be 0 or more, not " + samplesPerStep);
            Shards.requireCount(gradientShards);
            Require.that(
                    updatesPerStep <= 0 || gradientShards <= promptsPerStep / updatesPerStep,
                    "gradientShards must not be above the " + promptsPerStep / Math.max(1, updatesPerStep)
                            + " groups of an update, promptsPerStep / updatesPerStep, but is " + gradientShards);
        }
    }
}
