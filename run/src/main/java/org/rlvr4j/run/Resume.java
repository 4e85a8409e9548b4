package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.MayDiffer;
import org.rlvr4j.run.config.RunConfig;

/**
 * Checkpoint that a run goes on from.
 *
 * @param checkpoint its folder
 * @param state      what it holds beside weights, moments and logs
 */
record Resume(Path checkpoint, TrainingState state) {

    /** The configuration that a checkpoint was made by. */
    static final String CONFIG = "run.yaml";

    /**
     * Looks for the newest checkpoint.
     *
     * @param config   of the run alone
     * @param problems digest of the training problems
     * @throws IllegalArgumentException if there is one that these settings do not continue
     */
    static Optional<Resume> find(Checkpoints checkpoints, RunConfig config, String problems, RunListener listener) {
        return checkpoints.newest(listener).map(newest -> {
            requireSameSettings(newest, config);
            TrainingState state = TrainingState.read(newest);
            require(state.problems().equals(problems), newest + " was made with other training problems");
            require(
                    state.trainer().steps() <= config.training().steps(),
                    newest + " is beyond the " + config.training().steps() + " steps of training.steps");
            return new Resume(newest, state);
        });
    }

    private static void requireSameSettings(Path newest, RunConfig config) {
        boolean dependsOnTheCut =
                config.methods().getFirst().method().loss().ratio().dependsOnTheCut();
        List<String> differences = Configs.differences(
                newest.resolve(CONFIG), config, MayDiffer.Settings.of(RunConfig.class, dependsOnTheCut));
        require(
                differences.isEmpty(),
                newest + " was made with " + String.join(", ", differences)
                        + "; set that back, or choose another output, or start over with --fresh");
    }

    /** Steps that are made already. */
    int steps() {
        return state.trainer().steps();
    }

    /** Whether the run once started from the weights that lie in the folder of the start, which is whole. */
    boolean knows(Workbench bench) {
        return SealedFolder.damage(bench.start()).isEmpty() && state.start().equals(bench.startDigest());
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
