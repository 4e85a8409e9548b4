package org.rlvr4j.run;

import org.rlvr4j.run.config.RunConfig;

/**
 * Schedule of a run: the steps after which it saves and measures.
 *
 * @param steps         number of steps of the whole run
 * @param saveEvery     number of steps between checkpoints; 0 for no checkpoints
 * @param evaluateEvery number of steps between evaluations for the curve; 0 for no evaluations
 */
record Schedule(int steps, int saveEvery, int evaluateEvery) {

    static Schedule of(RunConfig config) {
        return new Schedule(
                config.training().steps(),
                config.training().saveEverySteps(),
                config.evaluation().everySteps());
    }

    /** Whether the run writes checkpoints at all. */
    boolean saves() {
        return saveEvery > 0;
    }

    boolean isSavedAfter(int step) {
        return saves() && (step % saveEvery == 0 || step == steps);
    }

    boolean isEvaluatedAfter(int step) {
        return evaluateEvery > 0 && step % evaluateEvery == 0;
    }
}
