package org.rlvr4j.cli.option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.config.CacheType;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.evaluation.ModelChoice;
import org.rlvr4j.tensor.Backend;
import picocli.CommandLine.Option;

/** Options of the commands that run a checkpoint. */
public final class ModelOptions {

    private static final Pattern REPOSITORY = Pattern.compile("[\\w.-]+/[\\w.-]+");

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            description = "a checkpoint in Hugging Face layout",
            required = true)
    private Path model = Path.of("");

    @Option(names = "--adapter", paramLabel = "FOLDER", description = "adapters of the checkpoint in PEFT's layout")
    private @Nullable Path adapter;

    @Option(
            names = "--tokenizer",
            paramLabel = "FOLDER",
            description = "tokenizer and chat template, if they are not in the checkpoint's folder")
    private @Nullable Path tokenizer;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "a completion is cut off there (default: ${DEFAULT-VALUE})",
            defaultValue = "3072")
    private int maxNewTokens;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "of sampling (default: ${DEFAULT-VALUE})",
            defaultValue = "1")
    private long seed;

    @Option(
            names = "--cache-type",
            paramLabel = "TYPE",
            description =
                    "of keys and values in memory: FLOAT32, or BFLOAT16 in half of it, rounded (default: FLOAT32)")
    private CacheType cacheType = CacheType.FLOAT32;

    @Option(names = "--threads", paramLabel = "N", description = "0 for all cores", defaultValue = "0")
    private int threads;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "what to compute on, as rlvr4j devices lists it (default: cpu)",
            converter = DeviceConverter.class)
    private Device device = Device.cpu();

    @Option(
            names = {"--system", "--system-prompt"},
            paramLabel = "TEXT",
            description = "system message before prompts that have none")
    private @Nullable String system;

    @Option(
            names = "--template-variable",
            paramLabel = "NAME=VALUE",
            description = "a variable of the chat template, such as enable_thinking=false")
    private Map<String, String> variables = new LinkedHashMap<>();

    /**
     * The model choice that the options describe, for so many sequences at the same time.
     *
     * @throws IllegalArgumentException if the model is no folder but may be the name of a repository
     */
    public ModelChoice choice(int maxSequences) {
        requireFolder(model);
        return new ModelChoice(
                model,
                adapter,
                tokenizer == null ? model : tokenizer,
                maxNewTokens,
                maxSequences,
                cacheType,
                seed,
                new PromptSettings(system, null, Configs.values(variables)));
    }

    /** Opens the device with memory for the model; the caller closes it. */
    public Backend backend(ModelChoice choice) {
        return device.open(threads, choice.plan(device), ModelOptions::warn);
    }

    /**
     * Opens the device with memory for the model, or plain loops where the work is small; the caller closes it.
     *
     * @param choice the model
     * @param tokens tokens of the prompt and of all completions
     */
    public Backend backendFor(ModelChoice choice, long tokens) {
        return device.openFor(choice.multiplyAdds(tokens), threads, choice.plan(device), ModelOptions::warn);
    }

    /** Refuses the name of a repository where a folder is needed, and says how to get one. */
    public static void requireFolder(Path model) {
        if (REPOSITORY.matcher(model.toString()).matches() && !Files.exists(model)) {
            throw new IllegalArgumentException("there is no folder " + model + "; rlvr4j download model " + model
                    + " fetches the model of that name and prints its folder");
        }
    }

    /** Prints a warning on standard error: something works, but not as it should. */
    public static void warn(String sentence) {
        System.err.println("rlvr4j: " + sentence);
    }
}
