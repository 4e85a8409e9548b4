package org.rlvr4j.run;

import java.util.Optional;
import org.rlvr4j.run.config.MethodChoice;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.report.RunFolder;

/**
 * Planned run: one method with one seed, its place, and the checkpoint that it resumes from, if any.
 *
 * @param choice      method to train with
 * @param name        name of the run
 * @param config      configuration of this run alone
 * @param folder      folder of the run
 * @param checkpoints checkpoints of the run
 * @param problems    digest of the training problems
 * @param resume      checkpoint that the run resumes from; empty for a new run
 */
record PlannedRun(
        MethodChoice choice,
        RunListener.Name name,
        RunConfig config,
        RunFolder folder,
        Checkpoints checkpoints,
        String problems,
        Optional<Resume> resume) {

    /**
     * Plans a run, and looks for a checkpoint to resume from.
     *
     * @param bench  resources shared by the runs
     * @param choice method to train with
     * @param seed   seed of the run
     * @param fresh  whether checkpoints are removed instead of resumed
     * @throws IllegalArgumentException if the newest checkpoint was written with other settings or problems
     */
    static PlannedRun of(Workbench bench, MethodChoice choice, long seed, boolean fresh) {
        RunConfig config = bench.config().ofRun(choice, seed);
        var name = new RunListener.Name(choice.name(), seed);
        RunFolder folder = RunFolder.of(config.output(), choice.name(), seed);
        Checkpoints checkpoints = Checkpoints.of(config, choice, seed);
        String problems = Wiring.digest(bench.sets().training());
        if (fresh) {
            checkpoints.clear();
        }
        Optional<Resume> resume =
                Resume.find(checkpoints, config, problems, bench.rewards().digest(), bench.listener());
        resume.ifPresent(from ->
                bench.listener().message(name + ": resumes after step " + from.steps() + " from " + from.checkpoint()));
        return new PlannedRun(choice, name, config, folder, checkpoints, problems, resume);
    }

    boolean isResumed() {
        return resume.isPresent();
    }

    /**
     * Whether the run is new, or the folder of the start is undamaged and holds the weights that the run started
     * from.
     */
    boolean matchesStart(Workbench bench) {
        return resume.isEmpty() || resume.get().matchesStart(bench);
    }

    /** @throws IllegalArgumentException if the run cannot be resumed, because it started from other weights */
    void requireStart(Workbench bench) {
        if (!matchesStart(bench)) {
            throw new IllegalArgumentException(name + " cannot be resumed: it started from other weights than those in "
                    + bench.start().weights() + "; set the model back, or start over with --fresh");
        }
    }
}
