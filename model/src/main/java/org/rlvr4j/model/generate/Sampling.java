package org.rlvr4j.model.generate;

import org.rlvr4j.tensor.Require;

/**
 * Sampling settings: the number of completions per prompt, and how their tokens are drawn.
 *
 * @param samples      completions per prompt
 * @param temperature  divisor of the logits; 0 takes the most likely token
 * @param topK         number of most likely tokens to draw from; 0 means all
 * @param topP         probability that the smallest set of tokens to draw from must reach; 1 means all
 * @param maxNewTokens length in tokens at which a completion without a stop token is truncated
 * @param seed         seed that, with the prompt's id and the sample's number, determines all draws of a completion
 */
public record Sampling(int samples, double temperature, int topK, double topP, int maxNewTokens, long seed) {

    public Sampling {
        Require.that(samples > 0, "samples must be positive, not " + samples);
        Require.that(
                temperature >= 0 && Double.isFinite(temperature), "temperature must be 0 or more, not " + temperature);
        Require.that(topK >= 0, "topK must be 0 (all) or more, not " + topK);
        Require.that(topP > 0 && topP <= 1, "topP must be above 0 and at most 1, not " + topP);
        Require.that(maxNewTokens > 0, "maxNewTokens must be positive, not " + maxNewTokens);
    }

    /**
     * Greedy decoding: one completion per prompt, of the most likely tokens.
     *
     * @param maxNewTokens most tokens of a completion, which is cut off there
     */
    public static Sampling greedy(int maxNewTokens) {
        return new Sampling(1, 0, 0, 1, maxNewTokens, 0);
    }

    /**
     * Sampling from the model's own distribution: temperature 1, neither top-k nor top-p.
     *
     * @param samples      number of completions per prompt
     * @param maxNewTokens most tokens of a completion, which is cut off there
     * @param seed         seed of all completions
     */
    public static Sampling plain(int samples, int maxNewTokens, long seed) {
        return new Sampling(samples, 1, 0, 1, maxNewTokens, seed);
    }
}
