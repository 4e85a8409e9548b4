package org.rlvr4j.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.MethodChoice;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.report.RunFailure;
import org.rlvr4j.run.report.TrainingFolder;
import org.rlvr4j.tensor.Require;

/**
 * Experiment: all runs of a configuration that start from the same weights.
 *
 * @param bench    resources shared by the runs
 * @param training configuration of the whole training, of which these runs are a part or all
 * @param fresh    whether checkpoints of earlier runs are removed instead of resumed
 */
record Experiment(Workbench bench, RunConfig training, boolean fresh) {

    /** Trains and measures all runs. */
    Results run() {
        RunConfig config = bench.config();
        var plans = new ArrayList<PlannedRun>();
        for (MethodChoice choice : config.methods()) {
            for (long seed : config.seeds()) {
                plans.add(PlannedRun.of(bench, choice, seed, fresh));
            }
        }
        if (!fresh && plans.stream().noneMatch(PlannedRun::isResumed)) {
            requireNoOtherResults();
        }
        prepareFolder(training.output(), Configs.write(training));
        try {
            Selection selection = prepareStart(plans);
            Workbench prepared = selection.appliedTo(bench);
            Measurement.Greedy before = new Measurement(prepared).greedy("before");
            List<Run> runs = plans.stream().map(plan -> new Run(prepared, plan)).toList();
            Results results = train(runs, before);
            if (results.failures().isEmpty()) {
                round(selection);
            }
            return results;
        } catch (RuntimeException e) {
            bench.report().ended();
            throw e;
        }
    }

    /** Rounds the start, of which only runs that have not ended need the exact weights. */
    private void round(Selection selection) {
        RunConfig.Training training = bench.config().training();
        if (training.keepCheckpoints() == 0 || training.saveEverySteps() == 0) {
            bench.start().round(bench.policy(), selection, bench.resultType());
        }
    }

    /** Trains all runs; where there are several, one that fails does not keep the others from being trained. */
    private Results train(List<Run> runs, Measurement.Greedy before) {
        var results = new ArrayList<RunResult>();
        var failures = new ArrayList<RunFailure>();
        for (Run run : runs) {
            try {
                results.add(run.train(before));
            } catch (Interruption.EarlyEnd e) {
                throw e;
            } catch (RuntimeException e) {
                if (training.seeds().size() * training.methods().size() == 1) {
                    throw e;
                }
                var failure = RunFailure.of(run.folder(), e);
                failures.add(failure);
                run.folder().write(failure);
                bench.listener().warned(failure.toString());
                bench.release();
            }
        }
        return new Results(bench.config(), List.of(before.suites().getFirst()), results, failures);
    }

    /**
     * Prepares the weights that every run starts from: those of the resumed run, or new ones.
     *
     * @return the training problems that are selected by these weights
     */
    private Selection prepareStart(List<PlannedRun> plans) {
        boolean resumed = plans.stream().anyMatch(PlannedRun::isResumed);
        if (resumed && plans.stream().allMatch(plan -> plan.matchesStart(bench))) {
            bench.start().restore(bench.policy());
            return Selection.read(bench);
        }
        new WarmUp(bench).run();
        Selection selection = Selection.measured(bench);
        bench.start().write(bench.policy(), selection);
        plans.forEach(plan -> plan.requireStart(bench));
        return selection;
    }

    /** Requires that the folder has no results of a training with other settings, which these would replace. */
    private void requireNoOtherResults() {
        RunConfig config = training;
        Path written = config.output().resolve("config.yaml");
        if (Files.exists(config.output().resolve(Results.FILE)) && Files.exists(written)) {
            List<String> differences = Configs.differences(written, config, Set.of("output", "threads", "variants"));
            Require.that(
                    differences.isEmpty(),
                    config.output() + " has the results of a training with " + String.join(", ", differences)
                            + "; choose another output, or replace them with --fresh");
            if (config.training().saveEverySteps() > 0 && isFirst()) {
                bench.listener()
                        .message(config.output()
                                + " has the results of this training, which is made again: no checkpoints"
                                + " of it were kept");
            }
        }
    }

    /** Whether these are the runs of the first start; the others' may be new beside results that stay. */
    private boolean isFirst() {
        return training.seeds().getFirst().equals(bench.config().seeds().getFirst());
    }

    private static void prepareFolder(Path folder, String effective) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("config.yaml"), effective);
            TrainingFolder.Origin.here(Build.commit()).write(folder);
        } catch (IOException e) {
            throw FileFailure.writingTo(folder, e);
        }
    }
}
