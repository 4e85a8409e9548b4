package org.rlvr4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.report.Progress;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.model.Checkpoint;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.PolicyLoss;
import org.rlvr4j.rl.Rollout;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.tensor.Backend;

/** One method with one seed, from the start or from its newest checkpoint: trains, saves, and measures. */
final class Run {

    /** Settings that change no step; a different number of steps is only another end. */
    private static final Set<String> MAY_DIFFER = Set.of(
            "output",
            "threads",
            "variants",
            "training.steps",
            "training.recompute",
            "training.maxSequences",
            "training.saveEverySteps",
            "training.keepCheckpoints",
            "evaluation.maxSequences");

    /** Changes nothing either, unless a ratio is that of a micro-batch. */
    private static final String CUT = "training.microBatchTokens";

    private static final String CONFIG = "run.yaml";
    private static final String MEANS = "means.safetensors";
    private static final String MEAN_SQUARES = "mean-squares.safetensors";

    private final Workbench bench;
    private final RunConfig config;
    private final Method method;
    private final String label;
    private final Path folder;
    private final Checkpoints checkpoints;
    private final Measurement measurement;
    private final String problems;
    private final SortedMap<Long, Double> curve = new TreeMap<>();
    private int done;
    private double seconds;
    private @Nullable Path checkpoint;
    private @Nullable TrainingState resumed;

    /**
     * Looks for a checkpoint to resume from.
     *
     * @param fresh removes checkpoints instead
     * @throws IllegalArgumentException if there is one that these settings do not continue
     */
    Run(Workbench bench, RunConfig.MethodChoice choice, long seed, boolean fresh) {
        this.bench = bench;
        this.config = alone(bench.config(), choice, seed);
        this.method = choice.method();
        this.label = choice.name() + ", seed " + seed;
        this.folder = config.output().resolve(choice.name()).resolve("seed-" + seed);
        this.checkpoints =
                new Checkpoints(folder.resolve("checkpoints"), config.training().keepCheckpoints());
        this.measurement = new Measurement(bench);
        this.problems = Sha256.of(bench.sets().training().toString());
        if (fresh) {
            checkpoints.clear();
        }
        checkpoints.newest(bench.screen()).ifPresent(this::resume);
    }

    private static RunConfig alone(RunConfig all, RunConfig.MethodChoice choice, long seed) {
        return new RunConfig(
                all.output(),
                all.threads(),
                List.of(seed),
                List.of(choice),
                all.model(),
                all.problems(),
                all.warmUp(),
                all.training(),
                all.evaluation(),
                all.variants());
    }

    private void resume(Path newest) {
        var mayDiffer = new TreeSet<>(MAY_DIFFER);
        if (method.loss().ratio() != PolicyLoss.Ratio.MICRO_BATCH) {
            mayDiffer.add(CUT);
        }
        List<String> differences = Configs.differences(newest.resolve(CONFIG), config, mayDiffer);
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException(newest + " was made with " + String.join(", ", differences)
                    + "; set that back, or choose another output, or start over with --fresh");
        }
        TrainingState state = TrainingState.read(newest);
        require(state.problems().equals(problems), newest + " was made with other training problems");
        done = state.trainer().steps();
        require(
                done <= config.training().steps(),
                newest + " is beyond the " + config.training().steps() + " steps of training.steps");
        bench.screen().out().println(label + ": resumes after step " + done + " from " + newest);
        checkpoint = newest;
        resumed = state;
        curve.putAll(state.curve());
        seconds = state.seconds();
    }

    boolean isResumed() {
        return resumed != null;
    }

    /** Whether the folder of the start is whole, and the one that the run, if it is resumed, once started from. */
    boolean knowsStart() {
        if (resumed == null) {
            return true;
        }
        return SealedFolder.damage(bench.start()).isEmpty() && resumed.start().equals(bench.startDigest());
    }

    /** @throws IllegalArgumentException if the run cannot go on, as it started elsewhere */
    void requireStart() {
        require(
                knowsStart(),
                label + " cannot be resumed: it started from other weights than those in " + bench.start()
                        + "; set the model back, or start over with --fresh");
    }

    /**
     * Trains to the end, and measures what came of it.
     *
     * @param before greedy accuracy of the start
     */
    RunResult train(List<Evaluation> before) {
        Checkpoint.restore(checkpoint == null ? bench.start() : checkpoint, bench.policy());
        try (var log = new RunLog(folder, checkpoint)) {
            if (resumed == null) {
                evaluated(0, before, log);
            }
            List<Evaluation> latest = steps(log);
            CheckpointFolder.write(bench.policy(), folder.resolve("checkpoint"), config.model());
            return result(latest, log);
        } catch (Interruption.Heeded e) {
            throw new Interruption.Heeded(label + ": interrupted after step " + done + ", "
                    + (checkpoints.has(done)
                            ? "which is saved: the same command goes on from there"
                            : "of which nothing is saved: the same command goes on from the newest checkpoint,"
                                    + " if any"));
        } catch (UncheckedIOException e) {
            throw new UncheckedIOException(
                    e.getMessage() + "; once that is mended, the same command goes on from the newest checkpoint",
                    e.getCause());
        }
    }

    /** All steps that are left; the evaluation after the last, if it was due. */
    private List<Evaluation> steps(RunLog log) {
        double before = seconds;
        long began = bench.screen().nanoTime().getAsLong();
        int steps = config.training().steps();
        try (var reference = method.loss().kl().coefficient() > 0 ? Frozen.load(bench.start(), bench.policy()) : null;
                Trainer trainer = trainer(reference);
                var progress = new Progress(bench.screen(), label, done, steps)) {
            Trainer.State made = trainer.state();
            try {
                List<Evaluation> latest = evaluationIfDue(log); // of a step that was interrupted there
                while (done < steps) {
                    step(trainer, log, progress);
                    made = trainer.state();
                    latest = evaluationIfDue(log);
                    seconds = before + 1e-9 * (bench.screen().nanoTime().getAsLong() - began);
                    if (isSavedAfter(done)) {
                        save(trainer, made, log);
                    }
                }
                return latest;
            } catch (Interruption.Heeded e) { // before an update of the next step: weights and moments are those made
                if (config.training().saveEverySteps() > 0 && made.steps() > 0 && !checkpoints.has(made.steps())) {
                    save(trainer, made, log);
                }
                throw e;
            }
        }
    }

    private Trainer trainer(@Nullable Frozen reference) {
        long seed = config.seeds().getFirst();
        var order = new ProblemOrder(bench.sets().training(), seed);
        var rollout =
                new Rollout(bench.generator(), bench.conversation()::prompt, bench.conversation()::text, order, method);
        var trainer = new Trainer(
                bench.policy(),
                reference == null ? null : reference.model(),
                rollout,
                method,
                Wiring.settings(config.training(), seed),
                bench.screen().nanoTime());
        if (resumed != null && checkpoint != null) {
            trainer.resume(resumed.trainer());
            Checkpoint.read(checkpoint.resolve(MEANS), trainer.optimizer().means());
            Checkpoint.read(
                    checkpoint.resolve(MEAN_SQUARES), trainer.optimizer().meanSquares());
        }
        return trainer;
    }

    private void step(Trainer trainer, RunLog log, Progress progress) {
        bench.interruption().check();
        Backend backend = bench.workspace().backend();
        Map<String, Long> before = backend.traffic();
        StepMetrics metrics = trainer.step();
        done = metrics.step();
        log.step(metrics, trainer.timings(), RunLog.difference(backend.traffic(), before));
        trainer.obstacles().forEach(progress::println);
        progress.advance(String.format("reward %+.2f  accuracy %.2f", metrics.reward(), metrics.accuracy()));
    }

    /** Greedy accuracy after the newest step, if it is due and has not been measured. */
    private List<Evaluation> evaluationIfDue(RunLog log) {
        int every = config.evaluation().everySteps();
        if (every == 0 || done % every != 0 || curve.containsKey((long) done)) {
            return List.of();
        }
        List<Evaluation> evaluations = measurement.greedy();
        evaluated(done, evaluations, log);
        return evaluations;
    }

    private void evaluated(int step, List<Evaluation> evaluations, RunLog log) {
        curve.put((long) step, RunResult.average(evaluations));
        log.evaluated(step, evaluations);
    }

    private boolean isSavedAfter(int step) {
        int every = config.training().saveEverySteps();
        return every > 0 && (step % every == 0 || step == config.training().steps());
    }

    private void save(Trainer trainer, Trainer.State made, RunLog log) {
        var state = new TrainingState(made, curve, seconds, bench.startDigest(), problems);
        checkpoints.write(made.steps(), curve, unfinished -> write(unfinished, trainer, log, state));
    }

    private void write(Path unfinished, Trainer trainer, RunLog log, TrainingState state) throws IOException {
        CheckpointFolder.fill(bench.policy(), unfinished, config.model());
        Checkpoint.write(unfinished.resolve(MEANS), trainer.optimizer().means());
        Checkpoint.write(unfinished.resolve(MEAN_SQUARES), trainer.optimizer().meanSquares());
        Files.writeString(unfinished.resolve(CONFIG), Configs.write(config));
        state.write(unfinished);
        log.copyTo(unfinished);
    }

    /** @param latest greedy accuracy after the last step, if it has been measured */
    private RunResult result(List<Evaluation> latest, RunLog log) {
        List<Evaluation> greedy = latest.isEmpty() ? measurement.greedy(label) : latest;
        if (!curve.containsKey((long) done)) {
            evaluated(done, greedy, log);
        }
        List<Evaluation> sampled = measurement.sampled(label);
        log.evaluated(done, sampled);
        return new RunResult(
                config.methods().getFirst().name(),
                config.seeds().getFirst(),
                log.steps(),
                curve,
                greedy,
                sampled,
                seconds);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
