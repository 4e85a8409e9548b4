package org.rlvr4j.rl.weight;

/**
 * Weight of a sum over the tokens of a response divided by the largest length L that it may have, then a mean over the B
 * responses: {@code 1 / (B L)} for every token (Dr. GRPO).
 *
 * @see <a href="https://arxiv.org/abs/2503.20783">Liu et al., 2025</a>
 */
public record MaxLengthMean() implements Weight {

    @Override
    public String tag() {
        return "MAX_LENGTH_MEAN";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1.0 / totals.maxLength() / totals.responses();
    }
}
