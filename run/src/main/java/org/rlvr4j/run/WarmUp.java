package org.rlvr4j.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemTeacher;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.NotFiniteException;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.run.config.Demonstrations;
import org.rlvr4j.run.config.ProblemSets;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.WarmUpSetting;
import org.rlvr4j.run.report.MetricsFile;
import org.rlvr4j.run.supervised.DemonstrationSets;
import org.rlvr4j.run.supervised.SupervisedSteps;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;

/**
 * Warm-up: supervised learning before reinforcement, from the teacher of generated problems or from demonstrations.
 *
 * @param bench resources of the training, with the policy to warm up
 */
record WarmUp(Workbench bench) {

    private static final double FLOOR = 0.1; // share of the peak learning rate that remains at the end

    void run() {
        RunConfig config = bench.config();
        if (config.warmUp() instanceof WarmUpSetting.Taught settings
                && config.problems() instanceof ProblemSets.Generated problems) {
            learnFrom(Wiring.teacher(problems), settings);
        } else if (config.warmUp() instanceof Demonstrations settings
                && bench.sets().examples() != null) {
            learnDemonstrations(settings, bench.sets().examples());
        }
    }

    private void learnDemonstrations(Demonstrations settings, DemonstrationSets sets) {
        var best = new Checkpoints(bench.config().output().resolve("warm-up-best"), 1);
        best.clear();
        try (var steps = new SupervisedSteps(
                        bench.policy(),
                        sets,
                        settings,
                        step -> best.write(
                                step,
                                Map.of(),
                                folder -> CheckpointFolder.fill(
                                        bench.policy(), folder, bench.config().model())));
                var file = new MetricsFile(bench.warmUpLosses())) {
            var work = new RunListener.Work("warm-up", 0, steps.total());
            bench.listener().began(work);
            try {
                measureStart(file);
                written(steps.begin(), file);
                while (steps.state().steps() < steps.total()) {
                    bench.interruption().check();
                    Map<String, Number> numbers = steps.next();
                    bench.listener()
                            .warmedUp(
                                    steps.state().steps(),
                                    numbers.getOrDefault("loss", 0).doubleValue());
                    written(numbers, file);
                    bench.report().changed();
                }
            } finally {
                bench.listener().ended(work);
            }
            restoreBest(steps.state(), best);
        } catch (NotFiniteException e) {
            throw e.advising("lower warmUp.learningRate or warmUp.maxGradNorm");
        }
    }

    /** Writes the perplexity of the ordinary text, if it is measured, as a line of step 0. */
    private void measureStart(MetricsFile file) {
        Double perplexity = new Measurement(bench).perplexity();
        if (perplexity != null) {
            file.write(new TreeMap<>(Map.of("step", 0, "perplexity", perplexity)));
        }
    }

    private void written(Map<String, Number> numbers, MetricsFile file) {
        if (!numbers.isEmpty()) {
            file.write(numbers);
        }
        if (numbers.get(SupervisedSteps.HELD_BACK_LOSS) instanceof Double loss) {
            bench.listener().heldBack(numbers.getOrDefault("step", 0).intValue(), loss);
        }
    }

    private void restoreBest(SupervisedSteps.State state, Checkpoints best) {
        if (state.isBeyondBest()) {
            Checkpoint.restore(best.of(state.bestStep()), bench.policy());
            bench.listener()
                    .message("the warm-up ends with the weights after step " + state.bestStep() + ", whose held-back"
                            + String.format(Locale.ROOT, " loss %.4f was the lowest", state.best()));
        }
        best.clear();
    }

    private void learnFrom(ProblemTeacher teacher, WarmUpSetting.Taught settings) {
        long seed =
                settings.seed() + (settings.eachSeed() ? bench.config().seeds().getFirst() : 0);
        var random = new SplittableRandom(seed);
        LearningRate rate = learningRate(settings);
        var work = new RunListener.Work("warm-up", 0, settings.steps());
        bench.listener().began(work);
        try (var trainer = new SupervisedTrainer(
                        bench.policy(), rate, AdamW.withDecay(settings.weightDecay()), settings.maxGradNorm());
                var file = new MetricsFile(bench.warmUpLosses())) {
            measureStart(file);
            for (int step = 1; step <= settings.steps(); step++) {
                bench.interruption().check();
                bench.interruption().begin("step " + step + " of the warm-up");
                double loss = trainer.step(demonstrations(random, settings, teacher));
                file.write(new TreeMap<>(Map.of("step", step, "loss", loss)));
                bench.listener().warmedUp(step, loss);
                bench.report().changed();
            }
        } catch (NotFiniteException e) {
            throw e.advising("lower warmUp.learningRate or warmUp.maxGradNorm");
        } finally {
            bench.listener().ended(work);
        }
    }

    /**
     * Length in tokens of the longest demonstration that the warm-up of a configuration may draw, with its prompt.
     *
     * @param pool problems that are demonstrated
     */
    static int longest(RunConfig config, List<Problem> pool, ChatConversation conversation) {
        if (!(config.problems() instanceof ProblemSets.Generated problems)) {
            return 0;
        }
        ProblemTeacher teacher = Wiring.teacher(problems);
        int longest = 0;
        for (Problem problem : pool) {
            int prompt = conversation.prompt(problem).length;
            for (String answer : teacher.longestDemonstrations(problem)) {
                longest = Math.max(longest, prompt + encode(conversation, answer).length);
            }
        }
        return longest;
    }

    private static int[] encode(ChatConversation conversation, String answer) {
        return conversation.tokenizer().encode(answer + "<|im_end|>");
    }

    static LearningRate learningRate(WarmUpSetting.Taught settings) {
        return new LearningRate(settings.learningRate(), settings.warmupSteps(), false, settings.steps(), FLOOR);
    }

    private List<Completion> demonstrations(
            SplittableRandom random, WarmUpSetting.Taught settings, ProblemTeacher teacher) {
        var completions = new ArrayList<Completion>();
        for (int i = 0; i < settings.batchSize(); i++) {
            completions.add(demonstration(random, teacher));
        }
        return completions;
    }

    private Completion demonstration(SplittableRandom random, ProblemTeacher teacher) {
        List<Problem> pool = bench.sets().demonstrations();
        Problem problem = pool.get(random.nextInt(pool.size()));
        int[] tokens = encode(bench.conversation(), teacher.demonstration(problem, random));
        var prompt = new Prompt(0, bench.conversation().prompt(problem));
        return new Completion(prompt, 0, tokens, new float[tokens.length], false);
    }
}
