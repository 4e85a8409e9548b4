package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.weight.Weight;

/** Groups of responses to prompts of several lengths, and the shape of a model that learns from them. */
final class PromptGroups {

    static final int LAYERS = 3;
    static final Method GRPO = Method.Algorithm.GRPO.paper();

    private static final int VOCABULARY = 40;

    private PromptGroups() {}

    static double[] weights(Batch batch) {
        return GRPO.weight().of(batch.responses(), Weight.Totals.of(batch.responses(), 30));
    }

    /**
     * Groups of 4, 3, 3 and 2 responses to prompts of 8, 1, 13 and 21 tokens.
     *
     * @param contrast whether the last group has advantages, too
     */
    static Batch batch(boolean contrast) {
        var random = new SplittableRandom(5);
        int[] prompts = {8, 1, 13, 21};
        int[][] lengths = {{5, 12, 1, 9}, {4, 7, 2}, {17, 6, 22}, {16, 8}};
        var completions = new ArrayList<Completion>();
        for (int g = 0; g < prompts.length; g++) {
            var prompt = new Prompt(g, tokens(random, prompts[g]));
            for (int i = 0; i < lengths[g].length; i++) {
                var logProbs = new float[lengths[g][i]];
                for (int t = 0; t < logProbs.length; t++) {
                    logProbs[t] = (float) (-3.7 + 0.3 * random.nextDouble(-1, 1)); // about log(1 / 40)
                }
                completions.add(new Completion(prompt, i, tokens(random, lengths[g][i]), logProbs, false));
            }
        }
        double[] advantages = random.doubles(completions.size(), -1.5, 1.5).toArray();
        if (!contrast) {
            Arrays.fill(advantages, 10, 12, 0);
        }
        return new Batch(completions, advantages);
    }

    private static int[] tokens(SplittableRandom random, int count) {
        return random.ints(count, 0, VOCABULARY).toArray();
    }

    static ModelConfig config(ModelConfig.Family family) {
        return new ModelConfig(
                family, 32, 48, LAYERS, 4, 2, 8, 1e-6, 10_000, VOCABULARY, true, 64, List.of(0), null, null);
    }
}
