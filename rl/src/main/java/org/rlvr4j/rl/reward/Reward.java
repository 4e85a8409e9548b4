package org.rlvr4j.rl.reward;

/** Reward of a verdict. */
public enum Reward {
    /** 1 if correct, 0 if wrong, -1 if there is no final answer to judge. */
    TERNARY,
    /** 1 if correct, otherwise -1. */
    BINARY,
    /** 1 if correct, otherwise 0. */
    ZERO_ONE;

    /**
     * Returns the reward of a response with such a verdict.
     *
     * @param correct  whether the final answer is right
     * @param answered whether there is a final answer at all
     */
    public double of(boolean correct, boolean answered) {
        if (correct) {
            return 1;
        }
        return switch (this) {
            case TERNARY -> answered ? 0 : -1;
            case BINARY -> -1;
            case ZERO_ONE -> 0;
        };
    }
}
