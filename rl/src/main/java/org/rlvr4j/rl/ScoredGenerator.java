package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;

/**
 * Generator whose completions have the log-probabilities of the learner's forward pass, in place of those that another
 * generator drew them with, which are only close to them: keys and values rounded to bfloat16 give such.
 *
 * @param generator source of the completions
 * @param learner   learner that computes their log-probabilities, with the weights that they were generated with
 */
public record ScoredGenerator(Generator generator, Learner learner) implements Generator {

    @Override
    public List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling) {
        List<List<Completion>> drawn = generator.generate(prompts, sampling);
        List<Completion> all = drawn.stream().flatMap(List::stream).toList();
        double[] logProbs =
                learner.score(new Batch(all, new double[all.size()])).logProbs();
        var scored = new ArrayList<List<Completion>>();
        int at = 0;
        for (List<Completion> ofPrompt : drawn) {
            var completions = new ArrayList<Completion>();
            for (Completion completion : ofPrompt) {
                completions.add(scored(completion, Arrays.copyOfRange(logProbs, at, at + completion.length())));
                at += completion.length();
            }
            scored.add(completions);
        }
        return scored;
    }

    private static Completion scored(Completion completion, double[] logProbs) {
        var singles = new float[logProbs.length];
        for (int i = 0; i < singles.length; i++) {
            singles[i] = (float) logProbs[i];
        }
        return new Completion(
                completion.prompt(), completion.sample(), completion.tokens(), singles, completion.isTruncated());
    }
}
