package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.MayDiffer;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Require;

/**
 * Resume point: the checkpoint that a run continues from.
 *
 * @param checkpoint folder of the checkpoint
 * @param state      state of the training in the checkpoint, beside weights, moments and logs
 */
record Resume(Path checkpoint, TrainingState state) {

    /** File in a checkpoint with the configuration that wrote it. */
    static final String CONFIG = "run.yaml";

    /**
     * Finds the newest undamaged checkpoint, if any.
     *
     * @param checkpoints checkpoints of the run
     * @param config      configuration of this run alone
     * @param problems    digest of the training problems
     * @param rewards     digest of the code that judges answers
     * @param listener    receives a message for each damaged checkpoint
     * @throws IllegalArgumentException if the checkpoint was written with other settings or problems
     */
    static Optional<Resume> find(
            Checkpoints checkpoints, RunConfig config, String problems, String rewards, RunListener listener) {
        return checkpoints.newest(listener).map(newest -> {
            requireSameSettings(newest, config);
            TrainingState state = TrainingState.read(newest);
            Require.that(state.problems().equals(problems), newest + " was made with other training problems");
            Require.that(
                    state.rewards().equals(rewards),
                    newest + " was made with another version of the reward's code; set that back, or choose another"
                            + " output, or start over with --fresh");
            Require.that(
                    state.trainer().steps() <= config.training().steps(),
                    newest + " is beyond the " + config.training().steps() + " steps of training.steps");
            return new Resume(newest, state);
        });
    }

    private static void requireSameSettings(Path newest, RunConfig config) {
        boolean dependsOnMicroBatches =
                config.methods().getFirst().method().loss().ratio().dependsOnMicroBatches();
        List<String> differences = Configs.differences(
                newest.resolve(CONFIG), config, MayDiffer.Settings.of(RunConfig.class, dependsOnMicroBatches));
        Require.that(
                differences.isEmpty(),
                newest + " was made with " + String.join(", ", differences)
                        + "; set that back, or choose another output, or start over with --fresh");
    }

    /** Number of steps made before the checkpoint. */
    int steps() {
        return state.trainer().steps();
    }

    /** Whether the folder of the start is undamaged and holds the weights that the run started from. */
    boolean matchesStart(Workbench bench) {
        return bench.start().damage().isEmpty()
                && state.start().equals(bench.start().digest());
    }
}
