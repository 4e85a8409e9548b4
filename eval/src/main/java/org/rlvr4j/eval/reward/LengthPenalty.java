package org.rlvr4j.eval.reward;

import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/**
 * Penalty for length: 0 up to {@code from} tokens, then falling linearly to -1 at {@code to} tokens.
 *
 * @param from greatest number of tokens without a penalty; 0 or more
 * @param to   number of tokens with the whole penalty; above {@code from}
 */
public record LengthPenalty(int from, int to) implements Verifier {

    /** @throws IllegalArgumentException if a number is out of its range */
    public LengthPenalty {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException(
                    "length needs from >= 0 and to > from, not from " + from + " and to " + to);
        }
    }

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        double excess = (double) (answer.tokens().length - from) / (to - from);
        return Verdict.of(excess <= 0 ? 0 : -Math.min(excess, 1));
    }
}
