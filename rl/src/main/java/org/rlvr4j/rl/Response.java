package org.rlvr4j.rl;

import org.rlvr4j.eval.Graded;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.model.generate.Completion;

/**
 * Response: a completion with its verdict and reward.
 *
 * @param graded completion, its text and its verdict
 * @param reward reward of the verdict plus the penalty for overlong responses
 */
public record Response(Graded graded, double reward) {

    /** The completion's tokens, with the log-probability that the policy gave to each. */
    public Completion completion() {
        return graded.completion();
    }

    /** The completion's text without special tokens. */
    public String text() {
        return graded.response();
    }

    /** The verdict on the completion's answer. */
    public Verdict verdict() {
        return graded.verdict();
    }
}
