package org.rlvr4j.rl.filter;

import org.rlvr4j.rl.reward.Visit;

/**
 * Curriculum: problems whose responses were all right, or all wrong, are visited less often.
 *
 * @param rest number of draws for which such a problem is passed over after its visit; 0 is no curriculum
 */
public record Curriculum(int rest) {

    /** No curriculum: every problem is visited each time it is drawn. */
    public static final Curriculum NONE = new Curriculum(0);

    /** @throws IllegalArgumentException if {@code rest} is negative */
    public Curriculum {
        if (rest < 0) {
            throw new IllegalArgumentException("rest must be 0 or more, not " + rest);
        }
    }

    /** Name of this curriculum in configurations. */
    public String tag() {
        return rest == 0 ? "NONE" : "REST";
    }

    /**
     * Number of draws for which the problem of a visit is to be passed over.
     *
     * @param visit visit of the problem
     */
    public int restAfter(Visit visit) {
        boolean first = visit.outcomes().getFirst().correct();
        return visit.outcomes().stream().allMatch(outcome -> outcome.correct() == first) ? rest : 0;
    }
}
