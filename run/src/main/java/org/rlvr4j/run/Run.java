package org.rlvr4j.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.rl.LocalLearner;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.NotFiniteException;
import org.rlvr4j.rl.Rollout;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Backend;

/** One method with one seed, from the start or from its newest checkpoint: trains, saves, and measures. */
final class Run {

    private static final String MEANS = "means.safetensors";
    private static final String MEAN_SQUARES = "mean-squares.safetensors";

    private final Workbench bench;
    private final RunConfig config;
    private final Method method;
    private final RunListener.Name name;
    private final Schedule schedule;
    private final Path folder;
    private final Checkpoints checkpoints;
    private final Measurement measurement;
    private final String problems;
    private final @Nullable Resume resume;
    private final SortedMap<Long, Double> curve = new TreeMap<>();
    private int done;
    private double seconds;

    /**
     * Looks for a checkpoint to resume from.
     *
     * @param fresh removes checkpoints instead
     * @throws IllegalArgumentException if there is one that these settings do not continue
     */
    Run(Workbench bench, RunConfig.MethodChoice choice, long seed, boolean fresh) {
        this.bench = bench;
        this.config = bench.config().alone(choice, seed);
        this.method = choice.method();
        this.name = new RunListener.Name(choice.name(), seed);
        this.schedule = Schedule.of(config);
        this.folder = config.output().resolve(choice.name()).resolve("seed-" + seed);
        this.checkpoints =
                new Checkpoints(folder.resolve("checkpoints"), config.training().keepCheckpoints());
        this.measurement = new Measurement(bench);
        this.problems = Wiring.digest(bench.sets().training());
        if (fresh) {
            checkpoints.clear();
        }
        this.resume =
                Resume.find(checkpoints, config, problems, bench.listener()).orElse(null);
        if (resume != null) {
            bench.listener().message(name + ": resumes after step " + resume.steps() + " from " + resume.checkpoint());
            done = resume.steps();
            curve.putAll(resume.state().curve());
            seconds = resume.state().seconds();
        }
    }

    boolean isResumed() {
        return resume != null;
    }

    /** Whether the folder of the start is whole, and the one that the run, if it is resumed, once started from. */
    boolean knowsStart() {
        return resume == null || resume.knows(bench);
    }

    /** @throws IllegalArgumentException if the run cannot go on, as it started elsewhere */
    void requireStart() {
        if (!knowsStart()) {
            throw new IllegalArgumentException(name + " cannot be resumed: it started from other weights than those in "
                    + bench.start() + "; set the model back, or start over with --fresh");
        }
    }

    /**
     * Trains to the end, and measures what came of it.
     *
     * @param before greedy accuracy of the start
     */
    RunResult train(List<Evaluation> before) {
        Checkpoint.restore(resume == null ? bench.start() : resume.checkpoint(), bench.policy());
        try (var log = new RunLog(folder, resume == null ? null : resume.checkpoint())) {
            if (resume == null) {
                evaluated(0, before, log);
            }
            List<Evaluation> latest = steps(log);
            CheckpointFolder.write(bench.policy(), folder.resolve("checkpoint"), config.model());
            return result(latest, log);
        } catch (Interruption.Heeded e) {
            throw new Interruption.Heeded(name + ": interrupted after step " + done + ", "
                    + (checkpoints.has(done)
                            ? "which is saved: the same command goes on from there"
                            : "of which nothing is saved: the same command goes on from the newest checkpoint,"
                                    + " if any"));
        } catch (NotFiniteException e) {
            throw e.advising("lower training.learningRate or training.maxGradNorm");
        } catch (UncheckedIOException e) {
            throw new UncheckedIOException(
                    e.getMessage() + "; once that is mended, the same command goes on from the newest checkpoint",
                    e.getCause());
        }
    }

    /** All steps that are left; the evaluation after the last, if it was due. */
    private List<Evaluation> steps(RunLog log) {
        double before = seconds;
        long began = bench.nanoTime().getAsLong();
        var work = new RunListener.Work(name.toString(), done, schedule.steps());
        bench.listener().began(work);
        boolean penalised = method.loss().kl().coefficient() > 0;
        try (var reference = penalised ? ReferencePolicy.load(bench.start(), bench.policy()) : null;
                Trainer trainer = trainer(reference == null ? null : reference.model())) {
            Trainer.State made = trainer.state();
            try {
                List<Evaluation> latest = evaluationIfDue(log); // of a step that was interrupted there
                while (done < schedule.steps()) {
                    step(trainer, log);
                    made = trainer.state();
                    latest = evaluationIfDue(log);
                    seconds = before + 1e-9 * (bench.nanoTime().getAsLong() - began);
                    if (schedule.isSavedAfter(done)) {
                        save(trainer, made, log);
                    }
                }
                return latest;
            } catch (Interruption.Heeded e) { // before an update of the next step: weights and moments are those made
                if (schedule.saves() && made.steps() > 0 && !checkpoints.has(made.steps())) {
                    save(trainer, made, log);
                }
                throw e;
            }
        } finally {
            bench.listener().ended(work);
        }
    }

    private Trainer trainer(@Nullable Qwen2 reference) {
        TrainerSettings settings = Wiring.settings(config.training(), name.seed());
        var order = new ProblemOrder(bench.sets().training(), name.seed());
        var rollout = new Rollout(bench.answering(), order, method);
        var learner = new LocalLearner(
                bench.policy(), reference, method.loss(), settings.microBatchTokens(), settings.temperature());
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

    private void step(Trainer trainer, RunLog log) {
        bench.interruption().check();
        Backend backend = bench.workspace().backend();
        Map<String, Long> before = backend.traffic();
        Trainer.Step step = trainer.step();
        done = step.metrics().step();
        log.step(step.metrics(), step.timings(), RunLog.difference(backend.traffic(), before));
        bench.listener().stepped(name, step);
    }

    /** Greedy accuracy after the newest step, if it is due and has not been measured. */
    private List<Evaluation> evaluationIfDue(RunLog log) {
        if (!schedule.isEvaluatedAfter(done) || curve.containsKey((long) done)) {
            return List.of();
        }
        List<Evaluation> evaluations = measurement.greedy();
        evaluated(done, evaluations, log);
        return evaluations;
    }

    private void evaluated(int step, List<Evaluation> evaluations, RunLog log) {
        curve.put((long) step, RunResult.average(evaluations));
        log.evaluated(step, evaluations);
        bench.listener().evaluated(name, step, evaluations);
    }

    private void save(Trainer trainer, Trainer.State made, RunLog log) {
        var state = new TrainingState(made, curve, seconds, bench.startDigest(), problems);
        checkpoints.write(made.steps(), curve, unfinished -> write(unfinished, trainer, log, state));
    }

    private void write(Path unfinished, Trainer trainer, RunLog log, TrainingState state) throws IOException {
        CheckpointFolder.fill(bench.policy(), unfinished, config.model());
        Checkpoint.write(unfinished.resolve(MEANS), trainer.optimizer().means());
        Checkpoint.write(unfinished.resolve(MEAN_SQUARES), trainer.optimizer().meanSquares());
        Files.writeString(unfinished.resolve(Resume.CONFIG), Configs.write(config));
        state.write(unfinished);
        log.copyTo(unfinished);
    }

    /** @param latest greedy accuracy after the last step, if it has been measured */
    private RunResult result(List<Evaluation> latest, RunLog log) {
        List<Evaluation> greedy = latest.isEmpty() ? measurement.greedy(name.toString()) : latest;
        if (!curve.containsKey((long) done)) {
            evaluated(done, greedy, log);
        }
        List<Evaluation> sampled = measurement.sampled(name.toString());
        log.evaluated(done, sampled);
        bench.listener().evaluated(name, done, sampled);
        return new RunResult(name.method(), name.seed(), log.steps(), curve, greedy, sampled, seconds);
    }
}
