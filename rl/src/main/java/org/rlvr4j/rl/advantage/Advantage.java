package org.rlvr4j.rl.advantage;

/**
 * How much better a response did than was to be expected of its prompt: the factor of its tokens' ratios.
 *
 * <p>{@code ddof} is 1 for the sample standard deviation, which the published code uses, and 0 for the population's.
 */
public interface Advantage {

    /** The name in configurations. */
    String tag();

    /**
     * The advantages of one visit of a prompt, in the order of its rewards.
     *
     * @param prompt  names the prompt, the same at every visit
     * @param rewards one per response
     * @param history statistics of earlier visits; a method with a memory adds this visit to it
     */
    double[] of(String prompt, double[] rewards, RewardHistory history);

    /** Which standard deviation divides: 1 for the sample's, 0 for the population's. */
    int ddof();

    /** The same with the other standard deviation. */
    Advantage withDdof(int other);
}
