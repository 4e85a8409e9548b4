package org.rlvr4j.eval.grader;

import org.rlvr4j.eval.grader.Refusal.Reason;

/**
 * Work of a comparison: a count of steps, ended at a limit.
 *
 * <p>A step is about a product of two machine words. Each operation is counted before it is done, so that the same answers
 * get the same verdict on a slow machine as on a fast one.
 */
final class Work {

    /** Maximum number of steps in one comparison. */
    static final long LIMIT = 100_000;

    private final long limit;
    private long steps;

    Work(long limit) {
        this.limit = limit;
    }

    void spend(long count) {
        Refusal.unless(count <= limit - steps, Reason.LIMIT, "more work than is allowed");
        steps += count;
    }

    long steps() {
        return steps;
    }
}
