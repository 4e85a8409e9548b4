package org.rlvr4j.rl.filter;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.rlvr4j.rl.reward.Outcome;
import org.rlvr4j.rl.reward.Visit;

/**
 * Response filter of group filtered policy optimization (GFPO): of a group's responses it keeps the shortest, or those
 * with most reward per token, and compares them with one another.
 *
 * @param by    order of the responses; of equal ones the earlier is kept
 * @param share share of the responses that is kept, rounded to a whole number of 2 or more; above 0, at most 1
 * @see <a href="https://arxiv.org/abs/2508.09726">Shrivastava et al., 2025</a>
 */
public record Best(Order by, double share) implements ResponseFilter {

    private static final int LEAST = 2; // fewer could not be compared

    /** Order of responses, best first. */
    public enum Order {
        /** The shortest first. */
        SHORTEST,
        /** The one with most reward per token first. */
        TOKEN_EFFICIENCY
    }

    /** @throws IllegalArgumentException if the share is out of its range */
    public Best {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be above 0 and at most 1, not " + share);
        }
    }

    @Override
    public String tag() {
        return by.name();
    }

    @Override
    public List<Use> of(Visit visit) {
        long kept = Math.max(Math.round(share * visit.size()), LEAST);
        var uses = new ArrayList<>(Collections.nCopies(visit.size(), Use.DROPPED));
        IntStream.range(0, visit.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -value(visit.outcomes().get(i)))) // a stable sort
                .limit(kept)
                .forEach(i -> uses.set(i, Use.LEARNED));
        return uses;
    }

    private double value(Outcome outcome) {
        return switch (by) {
            case SHORTEST -> -outcome.length();
            case TOKEN_EFFICIENCY -> outcome.reward() / Math.max(outcome.length(), 1);
        };
    }
}
