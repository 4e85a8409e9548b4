package org.rlvr4j.rl.advantage;

import java.util.List;
import org.rlvr4j.rl.reward.Visit;

/** Advantage that compares the responses to one prompt with one another, and with nothing else of the step. */
public interface GroupAdvantage extends Advantage {

    /**
     * Computes the advantages of one visit of a prompt.
     *
     * @param visit   outcomes of the responses to the prompt
     * @param history statistics of earlier visits; an advantage that uses the history adds this visit to it
     * @return advantage of each response, in the order of the outcomes
     * @throws IllegalArgumentException if there are too few responses to compare
     */
    double[] of(Visit visit, RewardHistory history);

    @Override
    default double[][] of(List<Visit> visits, RewardHistory history) {
        return visits.stream().map(visit -> of(visit, history)).toArray(double[][]::new);
    }
}
