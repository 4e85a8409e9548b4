package org.rlvr4j.rl;

import org.rlvr4j.eval.Graded;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.model.generate.Completion;

/**
 * A completion with its verdict and reward.
 *
 * @param graded the completion, its text and its verdict
 * @param reward what the verdict, and the length, are worth
 */
public record Response(Graded graded, double reward) {

    /** The tokens, with the log-probability that the policy gave to each. */
    public Completion completion() {
        return graded.completion();
    }

    /** The completion's text without special tokens. */
    public String text() {
        return graded.response();
    }

    /** The judgement of the answer. */
    public Verdict verdict() {
        return graded.verdict();
    }
}
