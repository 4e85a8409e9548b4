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
 * Evaluation of a model on suites of problems.
 *
 * @param answering     from problems to judged answers
 * @param contextLength tokens the model can take, prompt and completion together
 */
public record Evaluator(Answering answering, int contextLength) {

    /** Completions that are asked of the generator at once: so many that it seldom runs out, yet all fit in memory. */
    private static final int AT_ONCE = 4096;

    /** Avg@1: one completion per problem, of the most likely token each time. */
    public Evaluation greedy(Suite suite, int maxNewTokens) {
        return evaluate(suite, Sampling.greedy(maxNewTokens));
    }

    /** Avg@k: k completions per problem, drawn at temperature 1 from the whole distribution. */
    public Evaluation sampled(Suite suite, int k, int maxNewTokens, long seed) {
        return evaluate(suite, Sampling.plain(k, maxNewTokens, seed));
    }

    /** Any other way to draw completions. What a problem gets does not depend on the rest of the suite. */
    public Evaluation evaluate(Suite suite, Sampling sampling) {
        return evaluate(suite, sampling, List.of(), (_, _) -> {});
    }

    /**
     * Goes on with an evaluation.
     *
     * @param known  the scores of the suite's first problems, which are not asked again
     * @param graded receives the others in the suite's order, each with its completions by sample, as soon as it and those
     *               before it are answered
     * @throws IllegalArgumentException if a problem's prompt leaves no room for a completion
     */
    public Evaluation evaluate(
            Suite suite, Sampling sampling, List<Score> known, BiConsumer<Problem, List<Graded>> graded) {
        List<Problem> problems = suite.problems();
        var prompts = new ArrayList<Prompt>();
        for (Problem problem : problems) {
            prompts.add(prompt(problem, sampling.maxNewTokens()));
        }
        var scores = new ArrayList<>(known);
        var answered = new IdentityHashMap<Prompt, List<Completion>>();
        Consumer<Completion> ended = completion -> {
            answered.computeIfAbsent(completion.prompt(), _ -> new ArrayList<>())
                    .add(completion);
            for (int i = scores.size(); i < problems.size() && isAnswered(prompts.get(i), answered, sampling); i++) {
                List<Graded> all = judge(problems.get(i), answered.getOrDefault(prompts.get(i), List.of()));
                answered.remove(prompts.get(i));
                graded.accept(problems.get(i), all);
                scores.add(Score.of(
                        problems.get(i).key(), all.stream().map(Graded::outcome).toList(), answering.verifier()));
            }
        };
        int chunk = Math.ceilDiv(AT_ONCE, sampling.samples());
        for (int from = known.size(); from < problems.size(); from += chunk) {
            answering
                    .generator()
                    .generate(prompts.subList(from, Math.min(from + chunk, problems.size())), sampling, ended);
        }
        return new Evaluation(suite.name(), sampling.samples(), List.copyOf(scores));
    }

    private Prompt prompt(Problem problem, int maxNewTokens) {
        int[] tokens = answering.conversation().prompt(problem);
        if (tokens.length + (long) maxNewTokens > contextLength) {
            throw new IllegalArgumentException("problem " + problem.key() + " has a prompt of " + tokens.length
                    + " tokens, which with " + maxNewTokens + " new ones is more than the model's " + contextLength);
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
