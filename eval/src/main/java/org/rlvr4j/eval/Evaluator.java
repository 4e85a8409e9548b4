package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Evaluation.Score;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Generator;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.model.Sampling;

/**
 * Lets a model answer the problems of a suite and grades the answers.
 *
 * @param generator     writes the completions
 * @param encode        a problem's prompt as token ids
 * @param decode        a completion's token ids as text, without special tokens
 * @param grader        decides which are right
 * @param contextLength tokens the model can take, prompt and completion together
 */
public record Evaluator(
        Generator generator,
        Function<Problem, int[]> encode,
        Function<int[], String> decode,
        Grader grader,
        int contextLength) {

    /** Avg@1: one completion per problem, of the most likely token each time. */
    public Evaluation greedy(Suite suite, int maxNewTokens) {
        return evaluate(suite, Sampling.greedy(maxNewTokens));
    }

    /** Avg@k: k completions per problem, drawn at temperature 1 from the whole distribution. */
    public Evaluation sampled(Suite suite, int k, int maxNewTokens, long seed) {
        return evaluate(suite, Sampling.plain(k, maxNewTokens, seed));
    }

    /**
     * Any other way to draw completions. What a problem gets does not depend on the rest of the suite.
     *
     * @throws IllegalArgumentException if a problem's prompt leaves no room for a completion
     */
    public Evaluation evaluate(Suite suite, Sampling sampling) {
        List<Prompt> prompts = new ArrayList<>();
        for (Problem problem : suite.problems()) {
            prompts.add(prompt(problem, sampling.maxNewTokens()));
        }
        List<List<Completion>> completions = generator.generate(prompts, sampling);
        var scores = new ArrayList<Score>();
        for (int i = 0; i < prompts.size(); i++) {
            scores.add(score(suite.problems().get(i), completions.get(i)));
        }
        return new Evaluation(suite.name(), sampling.samples(), List.copyOf(scores));
    }

    private Prompt prompt(Problem problem, int maxNewTokens) {
        int[] tokens = encode.apply(problem);
        if (tokens.length + (long) maxNewTokens > contextLength) {
            throw new IllegalArgumentException("problem " + problem.key() + " has a prompt of " + tokens.length
                    + " tokens, which with " + maxNewTokens + " new ones is more than the model's " + contextLength);
        }
        return new Prompt(problem.key().hashCode(), tokens);
    }

    private Score score(Problem problem, List<Completion> completions) {
        int correct = 0;
        int unboxed = 0;
        int truncated = 0;
        long tokens = 0;
        for (Completion completion : completions) {
            Verdict verdict = grader.grade(decode.apply(completion.tokens()), problem.answers());
            correct += verdict.correct() ? 1 : 0;
            unboxed += verdict.boxed() ? 0 : 1;
            truncated += completion.isTruncated() ? 1 : 0;
            tokens += completion.length();
        }
        return new Score(problem.key(), correct, unboxed, truncated, tokens);
    }
}
