package org.rlvr4j.rl.reward;

/** Length shaping: change of a response's reward for its length, or for having been cut off. */
public interface LengthShaping {

    /** Name of this kind of shaping in configurations. */
    String tag();

    /** Whether any reward can change. */
    boolean acts();

    /**
     * Returns the shaped reward.
     *
     * @param reward    reward of the response's verdict
     * @param length    number of tokens of the response, including the stop token
     * @param truncated whether the response was cut off before it ended
     */
    double shaped(double reward, int length, boolean truncated);
}
