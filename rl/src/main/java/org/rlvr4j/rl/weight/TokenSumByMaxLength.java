package org.rlvr4j.rl.weight;

/**
 * Weight of a sum over all tokens, divided by the largest length L that a response may have: {@code 1 / L}. It is the
 * {@code seq-mean-token-sum-norm} of the scripts published with DCPO and of verl, which is B times {@link MaxLengthMean}.
 */
public record TokenSumByMaxLength() implements Weight {

    @Override
    public String tag() {
        return "TOKEN_SUM_BY_MAX_LENGTH";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1.0 / totals.maxLength();
    }
}
