package org.rlvr4j.rl;

/** Watch over a step of training: it is told what is done within the step, and ends the step by throwing an exception. */
@FunctionalInterface
public interface StepWatch {

    /** A watch that ignores everything. */
    StepWatch NONE = _ -> {};

    /** Phase of a step. */
    enum Phase {
        /** The policy answers; units are responses, and their number grows where the filter drops groups. */
        ROLLOUT,
        /** The policy learns; units are tokens of responses. */
        UPDATE
    }

    /**
     * What is done of a phase.
     *
     * @param phase    the phase
     * @param finished finished units
     * @param total    all units
     * @param updates  updates that the step has made of the weights; an exception before the first leaves the weights as
     *                 they were before the step
     */
    record Progress(Phase phase, long finished, long total, int updates) {}

    /**
     * Called after a response, and after a forward and backward pass.
     *
     * @param progress what is done of the step's phase
     */
    void advanced(Progress progress);
}
