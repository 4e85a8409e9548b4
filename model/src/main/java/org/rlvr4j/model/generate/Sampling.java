package org.rlvr4j.model.generate;

/**
 * How completions are drawn.
 *
 * @param samples      completions per prompt
 * @param temperature  divides the logits; 0 takes the most likely token
 * @param topK         draw from the k most likely tokens; 0 means all
 * @param topP         draw from the smallest set of tokens whose probability reaches p; 1 means all
 * @param maxNewTokens a completion that reaches this length without a stop token is truncated
 * @param seed         with the prompt's id and the sample's number, the whole randomness of a completion
 */
public record Sampling(int samples, double temperature, int topK, double topP, int maxNewTokens, long seed) {

    public Sampling {
        require(samples > 0, "samples must be positive, not " + samples);
        require(temperature >= 0 && Double.isFinite(temperature), "temperature must be 0 or more, not " + temperature);
        require(topK >= 0, "topK must be 0 (all) or more, not " + topK);
        require(topP > 0 && topP <= 1, "topP must be above 0 and at most 1, not " + topP);
        require(maxNewTokens > 0, "maxNewTokens must be positive, not " + maxNewTokens);
    }

    /** The most likely token each time. */
    public static Sampling greedy(int maxNewTokens) {
        return new Sampling(1, 0, 0, 1, maxNewTokens, 0);
    }

    /** From the model's own distribution: temperature 1, no truncation of it. */
    public static Sampling plain(int samples, int maxNewTokens, long seed) {
        return new Sampling(samples, 1, 0, 1, maxNewTokens, seed);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
