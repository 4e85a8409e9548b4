package org.rlvr4j.rl.reward;

import java.util.Map;
import org.rlvr4j.eval.Verdict;

/** Reward: the number that a verdict is worth. */
public interface Reward {

    /** Name of this kind of reward in configurations. */
    String tag();

    /**
     * Returns the reward of a response with such a verdict.
     *
     * @param verdict verdict on the response
     */
    double of(Verdict verdict);

    /**
     * Returns the parts, by name, whose weighted sum is the reward of such a verdict; by default it has one.
     *
     * @param verdict verdict on the response
     */
    default Map<String, Outcome.Part> parts(Verdict verdict) {
        return Map.of("reward", new Outcome.Part(1, of(verdict)));
    }
}
