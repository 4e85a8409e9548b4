package org.rlvr4j.run;

import org.rlvr4j.run.config.RunConfig;

/**
 * When a run saves and measures.
 *
 * @param steps         of the whole run
 * @param saveEvery     steps between checkpoints; 0 for none
 * @param evaluateEvery steps between evaluations for the curve; 0 for none
 */
record Schedule(int steps, int saveEvery, int evaluateEvery) {

    static Schedule of(RunConfig config) {
        return new Schedule(
                config.training().steps(),
                config.training().saveEverySteps(),
                config.evaluation().everySteps());
    }

    /** Whether the run leaves checkpoints at all. */
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
