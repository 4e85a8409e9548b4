package org.rlvr4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.rlvr4j.cli.report.MetricsFile;
import org.rlvr4j.cli.report.Progress;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.cli.report.TensorBoard;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.data.SumProblems;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.Grader;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.BatchGenerator;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.Rollout;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.rl.Timings;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;

/** Trains the same model by every method and seed of a configuration, and measures what came of it. */
final class Experiment implements AutoCloseable {

    private static final double WARM_UP_FLOOR = 0.1; // share of the warm-up's learning rate that is left in the end

    private final RunConfig config;
    private final Screen screen;
    private final Workspace workspace;
    private final Qwen2 policy;
    private final Conversation conversation;
    private final Wiring.Sets sets;
    private final BatchGenerator generator;

    Experiment(RunConfig config, Screen screen) {
        this.config = config;
        this.screen = screen;
        this.workspace = Wiring.workspace(config.threads());
        this.conversation = Wiring.conversation(config.model().tokenizer());
        this.sets = Wiring.problems(config.problems());
        this.policy = Wiring.model(config.model(), workspace);
        this.generator = new BatchGenerator(policy, config.training().maxSequences());
        TrainerSettings _ = Wiring.settings(config.training(), 0); // a mistake in them shows before the warm-up
    }

    /** Runs everything, writes everything, and prints the table. */
    void run() {
        prepareFolder(config.output(), Configs.write(config));
        warmUp();
        save(config.output().resolve("start"));
        try (var memory = new TensorArena(workspace.type())) {
            Buffer start = memory.allocate(policy.parameters().weights().length());
            start.copyFrom(policy.parameters().weights());
            Evaluation before = measure(1, "before").getFirst();
            var results = new ArrayList<RunResult>();
            for (RunConfig.MethodChoice choice : config.methods()) {
                for (long seed : config.seeds()) {
                    policy.parameters().weights().copyFrom(start);
                    results.add(train(choice, seed, before, start));
                }
            }
            new Summary(config, before, results).write(screen);
        }
    }

    private void warmUp() {
        if (config.warmUp() == null || !(config.problems() instanceof RunConfig.ProblemSets.Sums sums)) {
            return;
        }
        RunConfig.WarmUp warmUp = config.warmUp();
        SumProblems teacher = Wiring.teacher(sums);
        var random = new SplittableRandom(warmUp.seed());
        var rate = new LearningRate(warmUp.learningRate(), warmUp.warmupSteps(), false, warmUp.steps(), WARM_UP_FLOOR);
        try (var trainer = new SupervisedTrainer(
                        policy, rate, AdamW.withDecay(warmUp.weightDecay()), warmUp.maxGradNorm());
                var progress = new Progress(screen, "warm-up", 0, warmUp.steps());
                var file = new MetricsFile(config.output().resolve("warm-up.jsonl"), 0)) {
            for (int step = 1; step <= warmUp.steps(); step++) {
                var shown = new ArrayList<Completion>();
                for (int i = 0; i < warmUp.batchSize(); i++) {
                    shown.add(demonstration(teacher, random));
                }
                double loss = trainer.step(shown);
                file.write(new TreeMap<>(Map.of("step", step, "loss", loss)));
                progress.advance(String.format("loss %.3f", loss));
            }
        }
    }

    private Completion demonstration(SumProblems teacher, SplittableRandom random) {
        Problem problem =
                sets.demonstrations().get(random.nextInt(sets.demonstrations().size()));
        int[] tokens = conversation.tokenizer().encode(teacher.demonstration(problem, random) + "<|im_end|>");
        return new Completion(new Prompt(0, conversation.prompt(problem)), 0, tokens, new float[tokens.length], false);
    }

    private RunResult train(RunConfig.MethodChoice choice, long seed, Evaluation before, Buffer start) {
        Path folder = config.output().resolve(choice.name()).resolve("seed-" + seed);
        Method method = choice.method();
        var order = new ProblemOrder(sets.training(), seed);
        var rollout = new Rollout(generator, conversation::prompt, conversation::text, order, method);
        TrainerSettings settings = Wiring.settings(config.training(), seed);
        int steps = config.training().steps();
        var metrics = new ArrayList<StepMetrics>();
        var curve = new TreeMap<Long, Double>(Map.of(0L, before.avg().mean()));
        long began = screen.nanoTime().getAsLong();
        try (var reference = method.loss().kl().coefficient() > 0 ? Frozen.copy(policy, start) : null;
                var trainer = new Trainer(
                        policy,
                        reference == null ? null : reference.model(),
                        rollout,
                        method,
                        settings,
                        screen.nanoTime());
                var progress = new Progress(screen, choice.name() + ", seed " + seed, 0, steps);
                var file = new MetricsFile(folder.resolve("metrics.jsonl"), 0);
                var clock = new MetricsFile(folder.resolve("timings.jsonl"), 0);
                var board = new TensorBoard(folder, wallTime())) {
            for (int step = 1; step <= steps; step++) {
                StepMetrics done = trainer.step();
                metrics.add(done);
                file.write(done.toMap());
                clock.write(timings(step, trainer.timings()));
                board.scalars(step, wallTime(), doubles(done.toMap()));
                int every = config.evaluation().everySteps();
                if (every > 0 && step % every == 0) {
                    curve.put((long) step, greedy().getFirst().avg().mean());
                    board.scalars(step, wallTime(), Map.of("heldBackAccuracy", curve.get((long) step)));
                }
                progress.advance(String.format("reward %+.2f  accuracy %.2f", done.reward(), done.accuracy()));
            }
        }
        double seconds = 1e-9 * (screen.nanoTime().getAsLong() - began);
        save(folder.resolve("checkpoint"));
        return new RunResult(
                choice.name(),
                seed,
                metrics,
                curve,
                greedy(),
                measure(config.evaluation().samples(), choice.name() + ", seed " + seed),
                seconds);
    }

    private List<Evaluation> greedy() {
        return evaluate(1, generator);
    }

    /** Avg@1 greedy for one sample, else Avg@k, of each suite. */
    private List<Evaluation> measure(int samples, String label) {
        int completions = samples
                * sets.heldBack().stream()
                        .mapToInt(suite -> suite.problems().size())
                        .sum();
        try (var progress = new Progress(screen, label + ", Avg@" + samples, 0, completions);
                var counted = new BatchGenerator(
                        policy,
                        config.evaluation().maxSequences(),
                        policy.config().stopTokens(),
                        done -> progress.update(done, ""))) {
            return evaluate(samples, counted);
        }
    }

    private List<Evaluation> evaluate(int samples, BatchGenerator writer) {
        var evaluator = new Evaluator(
                writer,
                conversation::prompt,
                conversation::text,
                new Grader(),
                policy.config().maxPositions());
        int maxNewTokens = config.evaluation().maxNewTokens();
        var evaluations = new ArrayList<Evaluation>();
        for (Suite suite : sets.heldBack()) {
            evaluations.add(
                    samples == 1
                            ? evaluator.greedy(suite, maxNewTokens)
                            : evaluator.sampled(
                                    suite,
                                    samples,
                                    maxNewTokens,
                                    config.evaluation().seed()));
        }
        return evaluations;
    }

    private void save(Path folder) {
        CheckpointFolder.write(policy, folder, config.model().tokenizer());
    }

    private static Map<String, Object> timings(int step, Timings timings) {
        var map = new TreeMap<String, Object>();
        map.put("step", step);
        map.put("rolloutSeconds", timings.rolloutSeconds());
        map.put("updateSeconds", timings.updateSeconds());
        map.put("rolloutTokensPerSecond", timings.rolloutTokens() / timings.rolloutSeconds());
        map.put("updateTokensPerSecond", timings.updateTokens() / timings.updateSeconds());
        return map;
    }

    private static Map<String, Double> doubles(Map<String, Number> metrics) {
        return metrics.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().doubleValue(), (a, b) -> a, TreeMap::new));
    }

    private static double wallTime() {
        return System.currentTimeMillis() / 1e3;
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
        generator.close();
        policy.close();
        workspace.close();
        workspace.backend().close();
    }
}
