package org.rlvr4j.rl.weight;

/** Sum over all tokens, divided by the longest a response may be (Dr. GRPO). */
public record TokenSumNorm() implements Weight {

    @Override
    public String tag() {
        return "TOKEN_SUM_NORM";
    }

    @Override
    public double share(int length, Totals whole) {
        return 1.0 / whole.maxLength();
    }
}
