package org.rlvr4j.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.eval.OrdinaryText;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.MemoryPlan.GeneratorCall;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.run.config.Demonstrations;
import org.rlvr4j.run.config.Measuring;
import org.rlvr4j.run.config.ProblemSets;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.WarmUpSetting;
import org.rlvr4j.run.reward.Rewards;
import org.rlvr4j.run.supervised.DemonstrationSets;
import org.rlvr4j.run.workers.WorkersPlan;
import org.rlvr4j.tensor.DType;

/**
 * Prepared training: its tokenizer and problems are read, but its weights are not loaded yet.
 *
 * @param config       configuration of the training
 * @param conversation tokenizer and chat template
 * @param sets         problems, without training problems whose prompts are too long
 * @param shape        shape of the model
 * @param load         sizes of the work, for the longest prompts of the problems and the longest possible completions
 * @param workerTokens tokens of the largest pass of a worker that computes gradients
 */
record Prepared(
        RunConfig config,
        ChatConversation conversation,
        Wiring.Sets sets,
        ModelConfig shape,
        MemoryPlan.Load load,
        int workerTokens) {

    /** Reads the tokenizer, the problems and the shape of the model, and checks that answers to them can be judged. */
    static Prepared of(RunConfig config, Rewards rewards, RunListener listener) {
        ChatConversation conversation =
                ChatConversation.load(config.model().tokenizer()).with(config.prompt());
        Wiring.Sets sets = Wiring.problems(config.problems(), rewards.columns());
        rewards.check(sets.training());
        sets.heldBack().forEach(suite -> rewards.check(suite.problems()));
        int limit = config.training().maxPromptTokens();
        var fitting = new ArrayList<Problem>();
        var lengths = new ArrayList<Integer>();
        int shortest = Integer.MAX_VALUE;
        for (Problem problem : sets.training()) {
            int length = conversation.prompt(problem).length;
            shortest = Math.min(shortest, length);
            if (length <= limit) {
                fitting.add(problem);
                lengths.add(length);
            }
        }
        if (fitting.isEmpty()) {
            throw new IllegalArgumentException("no training problem has a prompt of at most " + limit
                    + " tokens: the shortest has " + shortest + ", so set training.maxPromptTokens to " + shortest
                    + " or more");
        }
        int tooLong = sets.training().size() - fitting.size();
        if (tooLong > 0) {
            listener.message(tooLong + " of " + sets.training().size()
                    + " training problems are left out: their prompts are longer than " + limit + " tokens");
        }
        lengths.sort(Collections.reverseOrder());
        Wiring.Sets usable =
                sets.withTraining(fitting).measuredOn(config.evaluation().problems());
        Wiring.requireSuites(config.evaluation().sampledSuites(), usable.heldBack());
        ModelConfig shape = Wiring.config(config.model());
        if (config.model() instanceof RunConfig.Start.Checkpoint checkpoint) {
            Checkpoint.require(checkpoint.path());
        }
        DemonstrationSets examples = config.warmUp() instanceof Demonstrations warmUp
                ? DemonstrationSets.of(
                        warmUp,
                        "warmUp",
                        config.model().tokenizer(),
                        config.prompt(),
                        shape.maxPositions(),
                        listener::message)
                : null;
        int demonstration = config.warmUp() instanceof WarmUpSetting.Taught
                ? WarmUp.longest(config, sets.demonstrations(), conversation)
                : 0;
        if (demonstration > shape.maxPositions()) {
            throw new IllegalArgumentException("the longest demonstration of the warmUp has " + demonstration
                    + " tokens, which is more than the model's " + shape.maxPositions()
                    + " positions: "
                    + (config.problems() instanceof ProblemSets.Sums
                            ? "lower problems.terms or problems.greatest, or raise model.maxPositions"
                            : "take a model with more positions"));
        }
        usable = usable.withExamples(examples);
        if (config.evaluation().text() != null) {
            OrdinaryText _ = OrdinaryText.load(config.evaluation().text(), conversation.tokenizer());
        }
        MemoryPlan.Load load = load(config, usable, lengths, demonstration, conversation);
        requirePositions(
                shape, "training", lengths.getFirst(), config.training().maxNewTokens());
        for (GeneratorCall evaluation : load.evaluations()) {
            requirePositions(shape, "evaluation", evaluation.promptTokens(), evaluation.newTokens());
        }
        int workerTokens = pass(config.training(), lengths, config.training().sharePrompts());
        return new Prepared(config, conversation, usable, shape, load, workerTokens);
    }

    /** Refuses sequences that the model has no positions for, before anything is loaded. */
    private static void requirePositions(ModelConfig shape, String section, int promptTokens, int newTokens) {
        if ((long) promptTokens + newTokens > shape.maxPositions()) {
            int room = shape.maxPositions() - promptTokens;
            String shorter = section.equals("training") ? "lower training.maxPromptTokens" : "leave out long problems";
            throw new IllegalArgumentException("the longest prompt of the " + section + " has " + promptTokens
                    + " tokens, which with " + newTokens + " new ones is more than the model's " + shape.maxPositions()
                    + " positions: "
                    + (room > 0 ? "lower " + section + ".maxNewTokens to " + room + " or less, or " : "") + shorter);
        }
    }

    /** Memory that the training needs on one machine. */
    MemoryPlan plan() {
        return plan(load);
    }

    /**
     * Memory that the training needs with workers.
     *
     * @param workers number of workers
     */
    WorkersPlan plan(int workers) {
        int shards = config.training().gradientShards();
        int block = shards / WorkersPlan.blocks(shards, workers);
        boolean isPassedHere = config.warmUp() != null || config.evaluation().text() != null;
        return WorkersPlan.of(
                workers,
                WorkersPlan.blocks(shards, workers),
                plan(load.ofWorker(WorkersPlan.TASKS * workers, workerTokens, Integer.numberOfTrailingZeros(block))),
                plan(load).ofDriver(plan(load.ofWorker(1, 0, 0)).gradients(), isPassedHere));
    }

    private MemoryPlan plan(MemoryPlan.Load work) {
        return config.model() instanceof RunConfig.Start.Checkpoint checkpoint && checkpoint.lora() != null
                ? MemoryPlan.of(shape, work, checkpoint.lora(), Checkpoint.matrixType(checkpoint.path()))
                : MemoryPlan.of(shape, work);
    }

    /**
     * @param lengths       lengths in tokens of the training problems' prompts, the longest first
     * @param demonstration length in tokens of the longest demonstration of the warm-up
     */
    private static MemoryPlan.Load load(
            RunConfig config, Wiring.Sets sets, List<Integer> lengths, int demonstration, Conversation conversation) {
        RunConfig.Training training = config.training();
        Measuring evaluation = config.evaluation();
        int longest = lengths.getFirst();
        DType cacheType = training.cacheType().type();
        var rollouts = new ArrayList<>(List.of(new GeneratorCall(
                training.maxSequences(),
                training.promptsPerStep(),
                training.groupSize(),
                longest,
                training.maxNewTokens(),
                cacheType)));
        var evaluations = new ArrayList<GeneratorCall>();
        for (Suite suite : sets.heldBack()) {
            int size = suite.problems().size();
            int prompt = suite.problems().stream()
                    .mapToInt(problem -> conversation.prompt(problem).length)
                    .max()
                    .orElse(0);
            evaluations.add(new GeneratorCall(
                    evaluation.maxSequences(),
                    size,
                    evaluation.samples(),
                    prompt,
                    evaluation.maxNewTokens(),
                    cacheType));
            if (evaluation.everySteps() > 0) {
                rollouts.add(new GeneratorCall(
                        training.maxSequences(),
                        size,
                        evaluation.samples(),
                        prompt,
                        evaluation.maxNewTokens(),
                        cacheType));
            }
        }
        if (training.solvedBetween() != null) {
            evaluations.add(new GeneratorCall(
                    evaluation.maxSequences(),
                    sets.training().size(),
                    training.solvedBetween().rollouts(),
                    longest,
                    training.maxNewTokens(),
                    cacheType));
        }
        int longestSequence = longest + training.maxNewTokens();
        WarmUpTokens warmUp = WarmUpTokens.of(config, sets, Math.max(longestSequence, demonstration));
        int groups = Math.ceilDiv(training.promptsPerStep(), training.updatesPerStep()); // of a mini-batch
        int most = Math.max(training.microBatchTokens(), longestSequence);
        int scored = (int) Math.min(most, tokens(training, lengths, training.promptsPerStep(), false));
        return new MemoryPlan.Load(
                Math.max(pass(training, lengths, false), Math.toIntExact(warmUp.pass())),
                Math.max(scored, evaluation.text() == null ? 0 : OrdinaryText.WINDOW),
                Math.max(tokens(training, lengths, groups, false), warmUp.update()),
                training.recompute(),
                config.methods().stream()
                        .anyMatch(choice -> choice.method().loss().kl().coefficient() > 0),
                rollouts,
                evaluations,
                training.sharePrompts() ? shared(training, longest, scored) : MemoryPlan.SharedPrompts.NONE,
                Integer.numberOfTrailingZeros(training.gradientShards()),
                true);
    }

    /**
     * Tokens of the warm-up, at most.
     *
     * @param pass   tokens of a forward and backward pass
     * @param update tokens of an update
     */
    private record WarmUpTokens(long pass, long update) {

        static WarmUpTokens of(RunConfig config, Wiring.Sets sets, int longest) {
            return switch (config.warmUp()) {
                case WarmUpSetting.Taught taught -> {
                    long batch = (long) longest * taught.batchSize(); // in one pass
                    yield new WarmUpTokens(batch, batch);
                }
                case Demonstrations settings
                when sets.examples() != null ->
                    new WarmUpTokens(
                            sets.examples().largestPass(settings),
                            sets.examples().largestBatch(settings.batchSize()));
                case null, default -> new WarmUpTokens(0, 0);
            };
        }
    }

    private static MemoryPlan.SharedPrompts shared(RunConfig.Training training, int longest, long microBatch) {
        boolean fits = longest + (long) training.groupSize() * training.maxNewTokens() <= training.microBatchTokens();
        long prompts = Math.min(microBatch, (long) training.promptsPerStep() * longest);
        return new MemoryPlan.SharedPrompts(fits ? 0 : longest, training.groupSize() * prompts);
    }

    /** Number of tokens of the largest possible pass over a shard of a mini-batch, with gradients. */
    private static int pass(RunConfig.Training training, List<Integer> lengths, boolean sharesPrompts) {
        int groups = Math.ceilDiv(training.promptsPerStep(), training.updatesPerStep() * training.gradientShards());
        int most = Math.max(training.microBatchTokens(), lengths.getFirst() + training.maxNewTokens());
        return (int) Math.min(most, tokens(training, lengths, groups, sharesPrompts));
    }

    /** Number of tokens of the longest groups, with a prompt for each response or one for all of a group. */
    private static long tokens(RunConfig.Training training, List<Integer> lengths, int groups, boolean sharesPrompts) {
        int prompts = sharesPrompts ? 1 : training.groupSize();
        long tokens = 0;
        for (int i = 0; i < groups; i++) {
            tokens += (long) prompts * lengths.get(i % lengths.size())
                    + (long) training.groupSize() * training.maxNewTokens();
        }
        return tokens;
    }
}
