package org.rlvr4j.rl.reward;

import org.rlvr4j.eval.Verdict;

/** Reward of a verdict that is right, wrong or unanswered. */
public enum VerdictReward implements Reward {
    /** 1 if correct, 0 if wrong, -1 if there is no final answer to judge. */
    TERNARY,
    /** 1 if correct, otherwise -1. */
    BINARY,
    /** 1 if correct, otherwise 0. */
    ZERO_ONE;

    @Override
    public String tag() {
        return name();
    }

    @Override
    public double of(Verdict verdict) {
        if (verdict.correct()) {
            return 1;
        }
        return switch (this) {
            case TERNARY -> verdict.answered() ? 0 : -1;
            case BINARY -> -1;
            case ZERO_ONE -> 0;
        };
    }
}
