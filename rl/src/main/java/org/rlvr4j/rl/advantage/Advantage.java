package org.rlvr4j.rl.advantage;

import java.util.List;
import org.rlvr4j.rl.reward.Visit;

/**
 * Advantage: how much better a response is than expected for its prompt. It multiplies the ratios of the response's
 * tokens.
 *
 * <p>{@code ddof} is 1 for the sample standard deviation, which the published code uses, and 0 for the population's.
 *
 * @see GroupAdvantage for those that look at one prompt at a time
 */
public interface Advantage {

    /** Name of this kind of advantage in configurations. */
    String tag();

    /**
     * Computes the advantages of all responses of a step.
     *
     * @param visits  visits of the step, in their order
     * @param history statistics of earlier visits; an advantage that uses the history adds these visits to it
     * @return advantage of each response, by visit, in the order of the responses
     * @throws IllegalArgumentException if there are too few responses to compare
     */
    double[][] of(List<Visit> visits, RewardHistory history);

    /**
     * The advantages of one visit alone, whose responses differ in their rewards only.
     *
     * @param prompt  key of the problem
     * @param rewards reward of each response
     * @param history statistics of earlier visits
     */
    default double[] of(String prompt, double[] rewards, RewardHistory history) {
        return of(List.of(Visit.of(prompt, rewards)), history)[0];
    }

    /** Whether responses are compared as right or wrong only, whatever their rewards. */
    default boolean ignoresRewards() {
        return false;
    }

    /** Least number of responses of a group that can have advantages other than 0. */
    default int leastResponses() {
        return 2;
    }

    /** Delta degrees of freedom of the standard deviation: 1 for the sample's, 0 for the population's. */
    default int ddof() {
        return 1;
    }

    /**
     * This advantage with the given standard deviation.
     *
     * @param other 1 for the sample's, 0 for the population's
     * @throws IllegalArgumentException if it is neither, or this advantage has no standard deviation to choose
     */
    default Advantage withDdof(int other) {
        if (other == ddof()) {
            return this;
        }
        throw new IllegalArgumentException(
                "the advantage " + tag() + " has no standard deviation whose ddof could be " + other);
    }
}
