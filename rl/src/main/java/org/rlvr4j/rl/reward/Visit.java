package org.rlvr4j.rl.reward;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Visit of a prompt: the outcomes of all its responses in one step, which are compared with one another.
 *
 * @param prompt   key of the prompt, the same at every visit
 * @param outcomes outcomes in the order of the responses
 */
public record Visit(String prompt, List<Outcome> outcomes) {

    public Visit {
        outcomes = List.copyOf(outcomes);
    }

    /**
     * A visit whose responses differ in their rewards only: each has one token, and is right if its reward is above 0.
     *
     * @param prompt  key of the problem
     * @param rewards reward of each response
     */
    public static Visit of(String prompt, double... rewards) {
        return new Visit(
                prompt,
                Arrays.stream(rewards)
                        .mapToObj(reward -> new Outcome(
                                reward, Map.of("reward", new Outcome.Part(1, reward)), 1, reward > 0, false))
                        .toList());
    }

    /** Number of responses. */
    public int size() {
        return outcomes.size();
    }

    /** Reward of each response. */
    public double[] rewards() {
        return outcomes.stream().mapToDouble(Outcome::reward).toArray();
    }

    /** Accuracy of each response: 1 if it is correct, otherwise 0. */
    public double[] accuracy() {
        return outcomes.stream().mapToDouble(it -> it.correct() ? 1 : 0).toArray();
    }
}
