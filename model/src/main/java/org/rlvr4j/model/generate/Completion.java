package org.rlvr4j.model.generate;

/** Completion of a prompt: the policy's tokens, each with its log-probability when it was drawn. */
public final class Completion {

    private final Prompt prompt;
    private final int sample;
    private final int[] tokens;
    private final float[] logProbs;
    private final boolean truncated;

    /**
     * @param prompt    prompt that is continued
     * @param sample    number of this completion among the prompt's, from 0
     * @param tokens    token ids, the stop token included
     * @param logProbs  log-probability of each token under logits/temperature over the whole vocabulary
     * @param truncated whether the limit of new tokens came before a stop token
     */
    public Completion(Prompt prompt, int sample, int[] tokens, float[] logProbs, boolean truncated) {
        if (tokens.length != logProbs.length) {
            throw new IllegalArgumentException(tokens.length + " tokens but " + logProbs.length + " log-probabilities");
        }
        this.prompt = prompt;
        this.sample = sample;
        this.tokens = tokens.clone();
        this.logProbs = logProbs.clone();
        this.truncated = truncated;
    }

    public Prompt prompt() {
        return prompt;
    }

    public int sample() {
        return sample;
    }

    /** The token ids; not to be changed. */
    public int[] tokens() {
        return tokens;
    }

    /** The log-probabilities; not to be changed. */
    public float[] logProbs() {
        return logProbs;
    }

    public int length() {
        return tokens.length;
    }

    public boolean isTruncated() {
        return truncated;
    }
}
