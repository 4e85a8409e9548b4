package org.rlvr4j.rl.reward;

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
}
