package org.rlvr4j.eval.grader;

import org.rlvr4j.eval.grader.Refusal.Reason;

/**
 * Counts steps and ends the work at a limit.
 *
 * <p>A step is about a product of two machine words. Each operation is counted before it is done, so that the same answers
 * get the same verdict on a slow machine as on a fast one.
 */
final class Work {

    /** Of one comparison. */
    static final long LIMIT = 100_000;

    private final long limit;
    private long steps;

    Work(long limit) {
        this.limit = limit;
    }

    void spend(long more) {
        Refusal.unless(more <= limit - steps, Reason.LIMIT, "more work than is allowed");
        steps += more;
    }

    long steps() {
        return steps;
    }
}
