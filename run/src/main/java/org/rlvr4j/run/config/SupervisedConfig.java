package org.rlvr4j.run.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.tensor.Require;

/**
 * Configuration of supervised learning from examples, alone and not as the warm-up of a {@link RunConfig}. It is written beside
 * the results, so that they can be repeated.
 *
 * @param output          folder of the results
 * @param threads         number of threads of the CPU backend; 0 for all cores. Results do not depend on it
 * @param model           model that training starts from
 * @param prompt          settings of the conversations' prompts; plain text stays as it is
 * @param training        examples, steps, learning rate and other settings
 * @param recompute       whether layers are computed again in the backward pass instead of stored: less memory, the same bits
 * @param saveEverySteps  number of steps between checkpoints, which are also written after the last step; 0 for none
 * @param keepCheckpoints number of newest checkpoints to keep; 0 to keep the newest until training ends, and none then
 * @param resultType      precision in which the trained model is written
 * @param variants        overrides by the name of a variant, in the form of {@code --set}
 */
public record SupervisedConfig(
        @MayDiffer Path output,
        @MayDiffer int threads,
        RunConfig.Start model,
        PromptSettings prompt,
        Demonstrations training,
        @MayDiffer boolean recompute,
        @MayDiffer int saveEverySteps,
        @MayDiffer int keepCheckpoints,
        @MayDiffer ResultType resultType,
        @MayDiffer Map<String, List<String>> variants) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public SupervisedConfig {
        Require.that(threads >= 0, "threads must be 0 (all cores) or more, not " + threads);
        Require.that(saveEverySteps >= 0, "saveEverySteps must be 0 or more, not " + saveEverySteps);
        Require.that(keepCheckpoints >= 0, "keepCheckpoints must be 0 or more, not " + keepCheckpoints);
    }

    /**
     * Reads a configuration from a YAML file, with variants of the file applied.
     *
     * @param file      YAML file
     * @param variants  names of variants, which are applied in this order
     * @param overrides settings such as {@code training.epochs=1} that replace those of the file and of the variants
     * @throws IllegalArgumentException     if a variant or a setting does not exist, or a value is not possible; the message
     *                                      is one sentence that names the file, the setting's full path and its value
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static SupervisedConfig read(Path file, List<String> variants, List<String> overrides) {
        List<String> settings = variants.isEmpty()
                ? overrides
                : Configs.withVariants(file, read(file, List.of(), List.of()).variants(), variants, overrides);
        return Configs.read(file, settings, SupervisedConfig.class, Defaults::completeSupervised);
    }

    /**
     * The configuration of settings alone, without a file.
     *
     * @param settings  settings by name; a value is text, a number or a map of settings
     * @param overrides settings such as {@code training.epochs=1} that replace them
     * @throws IllegalArgumentException if a setting does not exist, or a value is not possible
     */
    public static SupervisedConfig of(Map<String, ?> settings, List<String> overrides) {
        return Configs.bind(
                Configs.write(settings),
                Path.of("sft"),
                overrides,
                SupervisedConfig.class,
                Defaults::completeSupervised);
    }

    /**
     * Whether a file is a configuration of supervised learning and not of reinforcement: it has examples to learn, and no
     * methods.
     *
     * @param file YAML file
     * @throws IllegalArgumentException     if the file is not YAML
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static boolean isIn(Path file) {
        return Configs.has(file, "training.demonstrations") && !Configs.has(file, "methods");
    }
}
