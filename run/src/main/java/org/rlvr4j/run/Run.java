package org.rlvr4j.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.reward.RewardException;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.rl.Learner;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.NotFiniteException;
import org.rlvr4j.rl.Rollout;
import org.rlvr4j.rl.ScoredGenerator;
import org.rlvr4j.rl.StepWatch;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.report.RunFolder;
import org.rlvr4j.tensor.Backend;

/** Run of one method with one seed, from the start or from the newest checkpoint: it trains, saves and measures. */
final class Run {

    private static final String MEANS = "means.safetensors";
    private static final String MEAN_SQUARES = "mean-squares.safetensors";

    private final Workbench bench;
    private final RunConfig config;
    private final Method method;
    private final RunListener.Name name;
    private final Schedule schedule;
    private final RunFolder folder;
    private final Checkpoints checkpoints;
    private final Measurement measurement;
    private final String problems;
    private final @Nullable Resume resume;
    private final SortedMap<Long, Double> curve = new TreeMap<>();
    private final ContrastWatch contrast = new ContrastWatch();
    private @Nullable ScoredGenerator scored; // where rollouts do not have the trainer's log-probabilities
    private int finishedSteps;
    private double seconds;

    /**
     * Creates the run.
     *
     * @param bench resources shared by the runs
     * @param plan  method and seed, and the checkpoint to resume from
     */
    Run(Workbench bench, PlannedRun plan) {
        this.bench = bench;
        this.config = plan.config();
        this.method = bench.rewards().appliedTo(plan.choice().method());
        this.name = plan.name();
        this.schedule = Schedule.of(config);
        this.folder = plan.folder();
        this.checkpoints = plan.checkpoints();
        this.measurement = new Measurement(bench);
        this.problems = plan.problems();
        this.resume = plan.resume().orElse(null);
        if (resume != null) {
            finishedSteps = resume.steps();
            curve.putAll(resume.state().curve());
            seconds = resume.state().seconds();
        }
    }

    RunFolder folder() {
        return folder;
    }

    /**
     * Trains to the last step, and measures the trained policy.
     *
     * @param before greedy evaluations of the start
     */
    RunResult train(Measurement.Greedy before) {
        folder.clearOutcome();
        if (resume == null) {
            bench.start().restore(bench.policy());
        } else {
            Checkpoint.restore(resume.checkpoint(), bench.policy());
        }
        var samples =
                new Samples(bench.conversation().tokenizer(), config.training().samplesPerStep());
        try (var log = new RunLog(folder, resume == null ? null : resume.checkpoint(), samples)) {
            bench.report().begin(folder);
            if (resume == null) {
                evaluated(0, before, log);
            }
            return result(saved(steps(log)), log);
        } catch (Interruption.EarlyEnd e) {
            throw new Interruption.EarlyEnd(name + ": interrupted after step " + finishedSteps + ", "
                    + (checkpoints.has(finishedSteps)
                            ? "which is saved: the same command goes on from there"
                            : "of which nothing is saved: the same command goes on from the newest checkpoint,"
                                    + " if any"));
        } catch (RewardException e) {
            throw new IllegalArgumentException(
                    name + ": " + e.getMessage()
                            + (checkpoints.has(finishedSteps)
                                    ? "; what was learned by step " + finishedSteps
                                            + " is saved, and the same command goes on from there"
                                    : ""),
                    e);
        } catch (NotFiniteException e) {
            throw e.advising("lower training.learningRate or training.maxGradNorm");
        } catch (UncheckedIOException e) {
            throw new UncheckedIOException(
                    e.getMessage() + "; once that is mended, the same command goes on from the newest checkpoint",
                    e.getCause());
        }
    }

    /** Makes all remaining steps, and returns the greedy evaluations after the last one, if they were due. */
    private Measurement.Greedy steps(RunLog log) {
        double secondsBefore = seconds;
        long startTime = bench.nanoTime().getAsLong();
        DoubleSupplier secondsNow =
                () -> secondsBefore + 1e-9 * (bench.nanoTime().getAsLong() - startTime);
        var work = new RunListener.Work(name.toString(), finishedSteps, schedule.steps());
        bench.listener().began(work);
        boolean penalised = method.loss().kl().coefficient() > 0;
        try (var reference = penalised ? ReferencePolicy.load(bench.start(), bench.policy()) : null;
                Trainer trainer = trainer(reference == null ? null : reference.model())) {
            Trainer.State trainerState = trainer.state();
            try {
                Measurement.Greedy latest = evaluationIfDue(log); // if the run was interrupted in this evaluation
                while (finishedSteps < schedule.steps()) {
                    step(trainer, log, secondsNow);
                    trainerState = trainer.state();
                    latest = evaluationIfDue(log);
                    seconds = secondsNow.getAsDouble();
                    if (schedule.isSavedAfter(finishedSteps)) {
                        save(trainer, trainerState, log);
                    }
                }
                return latest;
            } catch (Interruption.EarlyEnd
                    | RewardException e) { // before an update, or saved: weights and moments match trainerState
                if (schedule.saves() && trainerState.steps() > 0 && !checkpoints.has(trainerState.steps())) {
                    save(trainer, trainerState, log);
                }
                throw e;
            }
        } finally {
            bench.listener().ended(work);
        }
    }

    private Trainer trainer(@Nullable Decoder reference) {
        TrainerSettings settings = Wiring.settings(config.training(), name.seed());
        var order = new ProblemOrder(bench.sets().training(), name.seed());
        Learner learner = bench.learner(config, reference);
        if (!bench.generator().isExact()) {
            scored = new ScoredGenerator(
                    bench.generator(), learner, config.training().oldPolicy());
        }
        Answering answering =
                scored == null ? bench.answering() : bench.answering().with(scored);
        var rollout = new Rollout(answering, order, method);
        var trainer = new Trainer(bench.policy(), learner, rollout, method, settings, bench.nanoTime());
        if (resume != null) {
            trainer.resume(resume.state().trainer());
            Checkpoint.read(
                    resume.checkpoint().resolve(MEANS), trainer.optimizer().means());
            Checkpoint.read(
                    resume.checkpoint().resolve(MEAN_SQUARES),
                    trainer.optimizer().meanSquares());
        }
        return trainer;
    }

    private void step(Trainer trainer, RunLog log, DoubleSupplier secondsNow) {
        bench.interruption().check();
        Backend backend = bench.workspace().backend();
        Map<String, Long> before = backend.traffic();
        Trainer.Step step = trainer.step(this::advanced);
        finishedSteps = step.metrics().step();
        var others = new LinkedHashMap<String, Number>(
                scored == null ? Map.of() : scored.takeMismatch().metrics());
        others.putAll(RunLog.difference(backend.traffic(), before));
        log.step(step, secondsNow.getAsDouble(), others);
        bench.listener().stepped(name, step);
        contrast.after(step.metrics(), step.groups())
                .ifPresent(collapse -> bench.listener().warned(name + ": " + collapse));
        bench.report().changed();
    }

    /** Shows what is done of a step, and lets it be interrupted where the weights are still, or again, on the disk. */
    private void advanced(StepWatch.Progress progress) {
        boolean isRollout = progress.phase() == StepWatch.Phase.ROLLOUT;
        bench.listener()
                .advanced(new RunListener.Part(
                        isRollout ? RunListener.Part.Phase.ROLLOUT : RunListener.Part.Phase.UPDATE,
                        progress.finished(),
                        progress.total()));
        if (progress.updates() == 0 || !schedule.saves() || checkpoints.has(finishedSteps)) {
            bench.interruption().check();
        } else {
            bench.interruption().begin("the rest of step " + (finishedSteps + 1) + ", whose first update is made");
        }
    }

    /**
     * Measures greedy accuracy after the latest step, if that is due and not measured yet; otherwise returns nothing.
     */
    private Measurement.Greedy evaluationIfDue(RunLog log) {
        if (!schedule.isEvaluatedAfter(finishedSteps) || curve.containsKey((long) finishedSteps)) {
            return Measurement.Greedy.NONE;
        }
        Measurement.Greedy greedy = measurement.greedy();
        evaluated(finishedSteps, greedy, log);
        return greedy;
    }

    private void evaluated(int step, Measurement.Greedy greedy, RunLog log) {
        curve.put((long) step, RunResult.average(greedy.suites()));
        log.evaluated(step, greedy);
        bench.listener().evaluated(name, step, greedy.suites());
        bench.report().changed();
    }

    private void save(Trainer trainer, Trainer.State trainerState, RunLog log) {
        var trainingState = new TrainingState(
                trainerState,
                curve,
                seconds,
                bench.start().digest(),
                problems,
                bench.rewards().digest());
        bench.interruption().begin("the checkpoint of step " + trainerState.steps());
        checkpoints.write(trainerState.steps(), curve, unfinished -> write(unfinished, trainer, log, trainingState));
    }

    private void write(Path unfinished, Trainer trainer, RunLog log, TrainingState trainingState) throws IOException {
        CheckpointFolder.fill(bench.policy(), unfinished, config.model());
        Checkpoint.write(unfinished.resolve(MEANS), trainer.optimizer().means());
        Checkpoint.write(unfinished.resolve(MEAN_SQUARES), trainer.optimizer().meanSquares());
        Files.writeString(unfinished.resolve(Resume.CONFIG), Configs.write(config));
        trainingState.write(unfinished);
        log.copyTo(unfinished);
    }

    /**
     * Writes the trained model. If that rounds its weights, the policy gets the rounded ones, so that what is measured from
     * here on is what is saved.
     *
     * @param latest greedy evaluations of the policy; empty if they have not been made
     * @return greedy evaluations of what is saved; empty if they have not been made
     */
    private Measurement.Greedy saved(Measurement.Greedy latest) {
        Path saved = folder.resolve("checkpoint");
        CheckpointFolder.write(bench.policy(), saved, config.model(), bench.resultType());
        if (!isRounded()) {
            return latest;
        }
        Checkpoint.restore(saved, bench.policy());
        return Measurement.Greedy.NONE;
    }

    private boolean isRounded() {
        return bench.resultType() != Safetensors.Dtype.F32
                && bench.policy().lora().isEmpty();
    }

    /** Says how much rounding the saved weights cost, where the weights were measured before it. */
    private void compareRounded(Measurement.Greedy saved) {
        Double before = curve.get((long) finishedSteps);
        if (isRounded() && before != null) {
            bench.listener()
                    .message(String.format(
                            Locale.ROOT,
                            "%s: the saved model is in bfloat16, as the start: greedy accuracy %.4f, of the float32"
                                    + " weights %.4f; training.resultType FLOAT32 saves those",
                            name,
                            RunResult.average(saved.suites()),
                            before));
        }
    }

    /** @param latest greedy evaluations after the last step; empty if they have not been made yet */
    private RunResult result(Measurement.Greedy latest, RunLog log) {
        Measurement.Greedy greedy = latest.suites().isEmpty() ? measurement.greedy(name.toString()) : latest;
        compareRounded(greedy);
        if (!curve.containsKey((long) finishedSteps)) {
            evaluated(finishedSteps, greedy, log);
        }
        List<Evaluation> sampled = measurement.sampled(name.toString());
        log.evaluated(finishedSteps, sampled);
        bench.listener().evaluated(name, finishedSteps, sampled);
        var result = new RunResult(name.method(), name.seed(), log.steps(), curve, greedy.suites(), sampled, seconds);
        folder.write(result.numbers());
        return result;
    }
}
