package org.rlvr4j.rl.advantage;

/**
 * Advantage: how much better a response is than expected for its prompt. It multiplies the ratios of the response's
 * tokens.
 *
 * <p>{@code ddof} is 1 for the sample standard deviation, which the published code uses, and 0 for the population's.
 */
public interface Advantage {

    /** Name of this kind of advantage in configurations. */
    String tag();

    /**
     * Computes the advantages of one visit of a prompt.
     *
     * @param prompt  key of the prompt, the same at every visit
     * @param rewards reward of each response
     * @param history statistics of earlier visits; an advantage that uses the history adds this visit to it
     * @return advantage of each response, in the order of the rewards
     * @throws IllegalArgumentException if there are too few responses to compare
     */
    double[] of(String prompt, double[] rewards, RewardHistory history);

    /** Delta degrees of freedom of the standard deviation: 1 for the sample's, 0 for the population's. */
    int ddof();

    /**
     * This advantage with the given standard deviation.
     *
     * @param other 1 for the sample's, 0 for the population's
     * @throws IllegalArgumentException if it is neither
     */
    Advantage withDdof(int other);
}
