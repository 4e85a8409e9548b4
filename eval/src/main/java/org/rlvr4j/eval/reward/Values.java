package org.rlvr4j.eval.reward;

import org.rlvr4j.eval.Verdict;

/**
 * Values of a verdict that is right, wrong or unanswered.
 *
 * @param right      value of a right answer
 * @param wrong      value of a wrong answer
 * @param unanswered value of a response without an answer
 */
public record Values(double right, double wrong, double unanswered) {

    /** 1 for a right answer, otherwise 0. */
    public static final Values ZERO_ONE = new Values(1, 0, 0);

    /** The value of a verdict without parts. */
    double of(Verdict verdict) {
        if (verdict.correct()) {
            return right;
        }
        return verdict.answered() ? wrong : unanswered;
    }
}
