package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;

/**
 * Generator that compares the log-probabilities that another generator drew its completions with, with those of the
 * learner's forward pass, which are only close to them: keys and values rounded to bfloat16 give such, and so do products
 * on tensor cores.
 */
public final class ScoredGenerator implements Generator {

    private final Generator generator;
    private final Learner learner;
    private final OldPolicy oldPolicy;
    private Mismatch mismatch = Mismatch.NONE;

    /** Which log-probabilities the completions have, and are therefore the old policy's in an update. */
    public enum OldPolicy {
        /** Those of the learner's forward pass: the first update of a step is on policy, and the mismatch is ignored. */
        TRAINER,
        /** Those that the tokens were drawn with: the ratio corrects the mismatch, as far as clip or surrogate let it. */
        ROLLOUT
    }

    /**
     * @param generator source of the completions
     * @param learner   learner that computes their log-probabilities, with the weights that they were generated with
     * @param oldPolicy which of the two the completions have
     */
    public ScoredGenerator(Generator generator, Learner learner, OldPolicy oldPolicy) {
        this.generator = generator;
        this.learner = learner;
        this.oldPolicy = oldPolicy;
    }

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
                float[] singles = singles(Arrays.copyOfRange(logProbs, at, at + completion.length()));
                mismatch = mismatch.and(Mismatch.of(completion.logProbs(), singles));
                completions.add(oldPolicy == OldPolicy.TRAINER ? with(completion, singles) : completion);
                at += completion.length();
            }
            scored.add(completions);
        }
        return scored;
    }

    /** The mismatch in all that was generated since this was last called. */
    public Mismatch takeMismatch() {
        Mismatch taken = mismatch;
        mismatch = Mismatch.NONE;
        return taken;
    }

    private static float[] singles(double[] logProbs) {
        var singles = new float[logProbs.length];
        for (int i = 0; i < singles.length; i++) {
            singles[i] = (float) logProbs[i];
        }
        return singles;
    }

    private static Completion with(Completion completion, float[] logProbs) {
        return new Completion(
                completion.prompt(), completion.sample(), completion.tokens(), logProbs, completion.isTruncated());
    }
}
