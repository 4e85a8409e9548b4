package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.rlvr4j.data.Problem;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;

/**
 * Evaluator of a model on suites of problems.
 *
 * @param answering     path from problems to judged answers
 * @param contextLength number of tokens that the model can take, prompt and completion together
 */
public record Evaluator(Answering answering, int contextLength) {

    /** Completions per call of the generator: enough that it seldom runs out of work, few enough for memory. */
    private static final int COMPLETIONS_PER_CALL = 4096;

    /** Evaluates Avg@1: one completion per problem, of the most likely tokens. */
    public Evaluation greedy(Suite suite, int maxNewTokens) {
        return evaluate(suite, Sampling.greedy(maxNewTokens));
    }

    /** Evaluates Avg@k: k completions per problem, drawn at temperature 1 from the whole distribution. */
    public Evaluation sampled(Suite suite, int k, int maxNewTokens, long seed) {
        return evaluate(suite, Sampling.plain(k, maxNewTokens, seed));
    }

    /** Evaluates with any sampling. A problem's completions do not depend on the rest of the suite. */
    public Evaluation evaluate(Suite suite, Sampling sampling) {
        return evaluate(suite, sampling, List.of(), (_, _) -> {});
    }

    /**
     * Continues an evaluation.
     *
     * @param known  scores of the suite's first problems, which are not generated again
     * @param graded receives the other problems in the suite's order, each with its completions by sample, as soon as it and
     *               those before it are answered
     * @throws IllegalArgumentException if a problem's prompt leaves no room for a completion
     */
    public Evaluation evaluate(
            Suite suite, Sampling sampling, List<Score> known, BiConsumer<Problem, List<Graded>> graded) {
        List<Problem> problems = suite.problems();
        var prompts = new ArrayList<Prompt>();
        for (Problem problem : problems) {
            prompts.add(prompt(problem, answering.conversation(), sampling.maxNewTokens(), contextLength));
        }
        var scores = new ArrayList<>(known);
        var answered = new IdentityHashMap<Prompt, List<Completion>>();
        Consumer<Completion> onCompletion = completion -> {
            answered.computeIfAbsent(completion.prompt(), _ -> new ArrayList<>())
                    .add(completion);
            for (int i = scores.size(); i < problems.size() && isAnswered(prompts.get(i), answered, sampling); i++) {
                List<Graded> answers = judge(problems.get(i), answered.getOrDefault(prompts.get(i), List.of()));
                answered.remove(prompts.get(i));
                graded.accept(problems.get(i), answers);
                scores.add(Score.of(
                        problems.get(i).key(),
                        answers.stream().map(Graded::outcome).toList(),
                        answering.verifier().forSource(problems.get(i).source())));
            }
        };
        int chunk = Math.ceilDiv(COMPLETIONS_PER_CALL, sampling.samples());
        for (int from = known.size(); from < problems.size(); from += chunk) {
            answering
                    .generator()
                    .generate(prompts.subList(from, Math.min(from + chunk, problems.size())), sampling, onCompletion);
        }
        return new Evaluation(suite.name(), sampling.samples(), List.copyOf(scores));
    }

    /**
     * Checks that a model can take all prompts of a suite.
     *
     * @param contextLength number of tokens that the model can take, prompt and completion together
     * @throws IllegalArgumentException if a problem's prompt leaves no room for a completion
     */
    public static void requirePositions(Suite suite, Conversation conversation, int maxNewTokens, int contextLength) {
        for (Problem problem : suite.problems()) {
            prompt(problem, conversation, maxNewTokens, contextLength);
        }
    }

    private static Prompt prompt(Problem problem, Conversation conversation, int maxNewTokens, int contextLength) {
        int[] tokens = conversation.prompt(problem);
        if (tokens.length + (long) maxNewTokens > contextLength) {
            throw new IllegalArgumentException("problem " + problem.key() + " has a prompt of " + tokens.length
                    + " tokens, which with " + maxNewTokens + " new ones is more than the model's " + contextLength
                    + " positions: they leave room for " + Math.max(0, contextLength - tokens.length) + " new ones");
        }
        return new Prompt(problem.key().hashCode(), tokens);
    }

    private static boolean isAnswered(Prompt prompt, Map<Prompt, List<Completion>> answered, Sampling sampling) {
        return answered.getOrDefault(prompt, List.of()).size() == sampling.samples();
    }

    private List<Graded> judge(Problem problem, List<Completion> completions) {
        return answering.judge(
                problem,
                completions.stream()
                        .sorted(Comparator.comparingInt(Completion::sample))
                        .toList());
    }
}
