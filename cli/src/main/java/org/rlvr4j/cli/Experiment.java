package org.rlvr4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.rlvr4j.cli.report.MetricsFile;
import org.rlvr4j.cli.report.Progress;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.SumProblems;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.model.Checkpoint;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;

/** Trains the same model by every method and seed of a configuration, and measures what came of it. */
final class Experiment implements AutoCloseable {

    private static final double WARM_UP_FLOOR = 0.1; // share of the warm-up's learning rate that is left in the end

    private final RunConfig config;
    private final boolean fresh;
    private final Workbench bench;

    /**
     * @param fresh  whether checkpoints of earlier runs are removed rather than resumed
     * @param device to compute on
     */
    Experiment(RunConfig config, boolean fresh, Device device, Screen screen, Interruption interruption) {
        this.config = config;
        this.fresh = fresh;
        TrainerSettings _ = Wiring.settings(config.training(), 0); // a mistake in them shows before the warm-up
        this.bench = Workbench.of(config, device, screen, interruption);
    }

    /** Runs everything, writes everything, and prints the table. */
    void run() {
        var runs = new ArrayList<Run>();
        for (RunConfig.MethodChoice choice : config.methods()) {
            for (long seed : config.seeds()) {
                runs.add(new Run(bench, choice, seed, fresh));
            }
        }
        prepareFolder(config.output(), Configs.write(config));
        start(runs);
        List<Evaluation> before = new Measurement(bench).greedy("before");
        List<RunResult> results = runs.stream().map(run -> run.train(before)).toList();
        new Summary(config, before.getFirst(), results).write(bench.screen());
        Memory.peak().ifPresent(peak -> bench.screen()
                .out()
                .println("Peak memory: " + Memory.gigabytes(peak) + " (predicted: "
                        + Memory.gigabytes(bench.plan().total()) + ")"));
    }

    /** The weights that every run starts from: those of the run that is resumed, or new ones. */
    private void start(List<Run> runs) {
        boolean resumed = runs.stream().anyMatch(Run::isResumed);
        if (resumed && runs.stream().allMatch(Run::knowsStart)) {
            Checkpoint.restore(bench.start(), bench.policy());
            return;
        }
        warmUp();
        CheckpointFolder.write(bench.policy(), bench.start(), config.model());
        runs.forEach(Run::requireStart);
    }

    private void warmUp() {
        if (config.warmUp() == null || !(config.problems() instanceof RunConfig.ProblemSets.Sums sums)) {
            return;
        }
        RunConfig.WarmUp warmUp = config.warmUp();
        SumProblems teacher = Wiring.teacher(sums);
        var random = new SplittableRandom(warmUp.seed());
        var prompts = new HashMap<Problem, int[]>();
        var rate = new LearningRate(warmUp.learningRate(), warmUp.warmupSteps(), false, warmUp.steps(), WARM_UP_FLOOR);
        try (var trainer = new SupervisedTrainer(
                        bench.policy(), rate, AdamW.withDecay(warmUp.weightDecay()), warmUp.maxGradNorm());
                var progress = new Progress(bench.screen(), "warm-up", 0, warmUp.steps());
                var file = new MetricsFile(config.output().resolve("warm-up.jsonl"))) {
            for (int step = 1; step <= warmUp.steps(); step++) {
                bench.interruption().check();
                var shown = new ArrayList<Completion>();
                for (int i = 0; i < warmUp.batchSize(); i++) {
                    shown.add(demonstration(teacher, random, prompts));
                }
                double loss = trainer.step(shown);
                file.write(new TreeMap<>(Map.of("step", step, "loss", loss)));
                progress.advance(String.format("loss %.3f", loss));
            }
        }
    }

    /** @param prompts those of problems shown before: to render them again took a twentieth of the warm-up */
    private Completion demonstration(SumProblems teacher, SplittableRandom random, Map<Problem, int[]> prompts) {
        List<Problem> pool = bench.sets().demonstrations();
        Problem problem = pool.get(random.nextInt(pool.size()));
        int[] tokens = bench.conversation().tokenizer().encode(teacher.demonstration(problem, random) + "<|im_end|>");
        int[] prompt = prompts.computeIfAbsent(problem, bench.conversation()::prompt);
        return new Completion(new Prompt(0, prompt), 0, tokens, new float[tokens.length], false);
    }

    private static void prepareFolder(Path folder, String effective) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("config.yaml"), effective);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        bench.close();
    }
}
