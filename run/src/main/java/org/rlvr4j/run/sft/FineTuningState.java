package org.rlvr4j.run.sft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.MayDiffer;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.supervised.SupervisedSteps;
import org.rlvr4j.tensor.Require;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * State of a fine-tuning in a checkpoint, beside the model, the optimizer's moments and the log files.
 *
 * @param steps    state of the steps
 * @param seconds  seconds of training so far
 * @param examples digest of all demonstrations
 * @param frozen   digest of the frozen weights below adapters; empty if all weights are trained
 */
record FineTuningState(SupervisedSteps.State steps, double seconds, String examples, String frozen) {

    /** File in a checkpoint with the configuration that wrote it. */
    static final String CONFIG = "run.yaml";

    private static final String FILE = "state.json";
    private static final JsonMapper JSON = new JsonMapper();

    void write(Path folder) throws IOException {
        Files.writeString(folder.resolve(FILE), JSON.writeValueAsString(this));
    }

    /**
     * Reads the state of a checkpoint that a training shall go on from.
     *
     * @throws IllegalArgumentException if it was written with other settings, examples or frozen weights
     */
    static FineTuningState read(Path checkpoint, SupervisedConfig config, String examples, String frozen) {
        List<String> differences = Configs.differences(
                checkpoint.resolve(CONFIG), config, MayDiffer.Settings.of(SupervisedConfig.class, false));
        Require.that(
                differences.isEmpty(),
                checkpoint + " was made with " + String.join(", ", differences)
                        + "; set that back, or choose another output, or start over with --fresh");
        FineTuningState state = read(checkpoint.resolve(FILE));
        Require.that(
                state.examples().equals(examples),
                checkpoint
                        + " was made with other examples, or another tokenizer or chat template; set that back, or"
                        + " choose another output, or start over with --fresh");
        Require.that(
                state.frozen().equals(frozen),
                checkpoint
                        + " started from other weights than those in the model's folder; set the model back, or start"
                        + " over with --fresh");
        return state;
    }

    private static FineTuningState read(Path file) {
        try {
            return JSON.readValue(Files.readString(file), FineTuningState.class);
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    file + " is of another version of rlvr4j, which cannot be resumed; start over with --fresh", e);
        }
    }
}
