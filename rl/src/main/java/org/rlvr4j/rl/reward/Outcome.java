package org.rlvr4j.rl.reward;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Outcome of a response: all that advantages and filters see of it.
 *
 * @param reward    reward of the response, shaped by its length
 * @param parts     parts by name, whose weighted sum is the reward
 * @param length    number of tokens, including the stop token
 * @param correct   whether the answer is right
 * @param truncated whether the response was cut off before it ended
 */
public record Outcome(double reward, Map<String, Part> parts, int length, boolean correct, boolean truncated) {

    public Outcome {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /**
     * Part of a reward.
     *
     * @param weight factor of the part in the reward
     * @param value  value of the part, before it is weighted
     */
    public record Part(double weight, double value) {}
}
