package org.rlvr4j.run.sft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.rl.NotFiniteException;
import org.rlvr4j.run.Build;
import org.rlvr4j.run.CheckpointFolder;
import org.rlvr4j.run.Checkpoints;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.report.RunFolder;
import org.rlvr4j.run.report.Table;
import org.rlvr4j.run.report.TrainingFolder;
import org.rlvr4j.run.supervised.DemonstrationSets;
import org.rlvr4j.run.supervised.SupervisedSteps;
import org.rlvr4j.tensor.Optimizer;
import org.rlvr4j.tensor.Require;

/** Run of a fine-tuning, from the start or from the newest checkpoint. */
final class FineTuningRun {

    private static final String MEANS = "means.safetensors";
    private static final String MEAN_SQUARES = "mean-squares.safetensors";
    private static final double REPORT_SECONDS = 10; // least time between two reports

    private final FineTuning training;
    private final SupervisedConfig config;
    private final RunListener listener;
    private final DemonstrationSets sets;
    private final Decoder model;
    private final Checkpoints checkpoints;
    private final Checkpoints best;
    private final TrainingFolder.Origin origin = TrainingFolder.Origin.here(Build.commit());
    private final String digest;
    private final String frozen;
    private double secondsBefore;
    private double nextReport;
    private long startTime;

    /**
     * @param training configuration, clock and request to end early
     * @param listener receives progress and messages
     * @param sets     demonstrations
     * @param model    model to train, as training starts from it
     */
    FineTuningRun(FineTuning training, RunListener listener, DemonstrationSets sets, Decoder model) {
        this.training = training;
        this.config = training.config();
        this.listener = listener;
        this.sets = sets;
        this.model = model;
        this.checkpoints = new Checkpoints(config.output().resolve("checkpoints"), config.keepCheckpoints());
        this.best = new Checkpoints(config.output().resolve("best"), 1);
        this.digest = sets.digest();
        this.frozen = Wiring.frozenDigest(config.model());
    }

    /** Trains to the last step, and writes the model with the lowest held-back loss, or else the last one. */
    FineTuned run() {
        if (training.fresh()) {
            checkpoints.clear();
            best.clear();
        }
        Path newest = checkpoints.newest(listener).orElse(null);
        FineTuningState resumed = newest == null ? null : FineTuningState.read(newest, config, digest, frozen);
        if (resumed == null && !training.fresh()) {
            requireNoOtherResults();
        }
        prepareFolder();
        try (var steps = new SupervisedSteps(model, sets, config.training(), this::saveBest);
                var log = new FineTuningLog(config.output(), newest)) {
            if (newest != null && resumed != null) {
                resume(steps, newest, resumed);
            }
            startTime = training.nanoTime().getAsLong();
            learn(steps, log);
            return finish(steps.state());
        } catch (NotFiniteException e) {
            throw e.advising("lower training.learningRate or training.maxGradNorm");
        } catch (UncheckedIOException e) {
            throw new UncheckedIOException(
                    e.getMessage() + "; once that is mended, the same command goes on from the newest checkpoint",
                    e.getCause());
        }
    }

    private void resume(SupervisedSteps steps, Path checkpoint, FineTuningState state) {
        Checkpoint.restore(checkpoint, model);
        Optimizer optimizer = steps.trainer().optimizer();
        Checkpoint.read(checkpoint.resolve(MEANS), optimizer.means());
        Checkpoint.read(checkpoint.resolve(MEAN_SQUARES), optimizer.meanSquares());
        steps.resume(state.steps());
        secondsBefore = state.seconds();
        listener.message("resumes after step " + state.steps().steps() + " from " + checkpoint);
    }

    private void learn(SupervisedSteps steps, FineTuningLog log) {
        var work = new RunListener.Work("sft", steps.state().steps(), steps.total());
        listener.began(work);
        try {
            if (steps.state().steps() == 0) {
                written(steps.begin(), log);
            }
            while (steps.state().steps() < steps.total()) {
                training.interruption().check();
                step(steps, log);
                if (isSavedAfter(steps.state().steps(), steps.total())) {
                    save(steps, log);
                }
            }
        } catch (Interruption.EarlyEnd e) {
            throw interrupted(steps, log, e);
        } finally {
            report(List.of(), false);
            listener.ended(work);
        }
    }

    private void step(SupervisedSteps steps, FineTuningLog log) {
        double before = seconds();
        Map<String, Number> numbers = steps.next();
        int step = steps.state().steps();
        written(numbers, log);
        log.write(
                step,
                seconds() - before,
                seconds(),
                numbers.getOrDefault("tokens", 0).intValue());
        listener.warmedUp(step, numbers.getOrDefault("loss", 0).doubleValue());
        if (seconds() >= nextReport) {
            report(List.of(), true);
            nextReport = seconds() + REPORT_SECONDS;
        }
    }

    private void written(Map<String, Number> numbers, FineTuningLog log) {
        if (!numbers.isEmpty()) {
            log.write(numbers);
        }
        if (numbers.get(SupervisedSteps.HELD_BACK_LOSS) instanceof Double loss) {
            listener.heldBack(numbers.getOrDefault("step", 0).intValue(), loss);
        }
    }

    private double seconds() {
        return secondsBefore + 1e-9 * (training.nanoTime().getAsLong() - startTime);
    }

    /** Writes the report; the training does not end for it. */
    private void report(List<Table> tables, boolean running) {
        try {
            FineTuningReport.write(config, tables, origin, running);
        } catch (RuntimeException e) {
            listener.warned("the report cannot be written: " + e.getMessage());
        }
    }

    private Interruption.EarlyEnd interrupted(SupervisedSteps steps, FineTuningLog log, Interruption.EarlyEnd e) {
        int made = steps.state().steps();
        if (made == 0) {
            return e;
        }
        if (config.saveEverySteps() > 0 && !checkpoints.has(made)) {
            save(steps, log);
        }
        return new Interruption.EarlyEnd("interrupted after step " + made + ", "
                + (checkpoints.has(made)
                        ? "which is saved: the same command goes on from there"
                        : "of which nothing is saved, as saveEverySteps is 0: the same command starts over"));
    }

    private boolean isSavedAfter(int step, int total) {
        int every = config.saveEverySteps();
        return every > 0 && (step % every == 0 || step == total);
    }

    private void save(SupervisedSteps steps, FineTuningLog log) {
        var state = new FineTuningState(steps.state(), seconds(), digest, frozen);
        Optimizer optimizer = steps.trainer().optimizer();
        checkpoints.write(steps.state().steps(), Map.of(), folder -> {
            CheckpointFolder.fill(model, folder, config.model());
            Checkpoint.write(folder.resolve(MEANS), optimizer.means());
            Checkpoint.write(folder.resolve(MEAN_SQUARES), optimizer.meanSquares());
            Files.writeString(folder.resolve(FineTuningState.CONFIG), Configs.write(config));
            state.write(folder);
            log.copyTo(folder);
        });
    }

    private void saveBest(int step) {
        best.write(step, Map.of(), folder -> CheckpointFolder.fill(model, folder, config.model()));
    }

    private FineTuned finish(SupervisedSteps.State state) {
        var result = new FineTuned(config, state, seconds());
        if (state.isBeyondBest()) {
            Checkpoint.restore(best.of(state.bestStep()), model);
            listener.message("the model is that after step " + state.bestStep()
                    + String.format(Locale.ROOT, ", whose held-back loss %.4f was the lowest", state.best()));
        }
        CheckpointFolder.write(
                model, result.model(), config.model(), config.resultType().dtype(config.model()));
        report(List.of(result.table()), false);
        checkpoints.ended();
        if (config.keepCheckpoints() == 0) {
            best.clear(); // the model is one of these, and nothing goes on from here
        }
        return result;
    }

    /** Requires that the folder has no results of a training with other settings, which these would replace. */
    private void requireNoOtherResults() {
        Path written = config.output().resolve("config.yaml");
        if (Files.exists(written) && hasResults(config.output())) {
            List<String> differences = Configs.differences(written, config, Set.of("output", "threads", "variants"));
            Require.that(
                    differences.isEmpty(),
                    config.output() + " has the results of a training with " + String.join(", ", differences)
                            + "; choose another output, or replace them with --fresh");
        }
    }

    private static boolean hasResults(Path output) {
        return Files.exists(output.resolve(RunFolder.METRICS)) || Files.exists(output.resolve("results.jsonl"));
    }

    private void prepareFolder() {
        try {
            Files.createDirectories(config.output());
            Files.writeString(config.output().resolve("config.yaml"), Configs.write(config));
            origin.write(config.output());
        } catch (IOException e) {
            throw FileFailure.writingTo(config.output(), e);
        }
    }
}
