package org.rlvr4j.rl.reward;

/**
 * DAPO's soft overlong punishment (equation 13), added to a response's reward: nothing up to {@code maxLength - buffer}
 * tokens, then falling in a straight line to {@code -factor} at {@code maxLength}.
 */
public record OverlongShaping(int maxLength, int buffer, double factor) {

    /** No punishment at any length. */
    public static final OverlongShaping NONE = new OverlongShaping(1, 1, 0);

    /** The name in configurations. */
    public String tag() {
        return factor == 0 ? "NONE" : "SOFT";
    }

    public OverlongShaping {
        if (buffer < 1 || buffer > maxLength) {
            throw new IllegalArgumentException(
                    "the overlong buffer must be from 1 to the maximum length " + maxLength + ", not " + buffer);
        }
        if (!(factor >= 0)) {
            throw new IllegalArgumentException("the overlong factor must be 0 or more, not " + factor);
        }
    }

    /**
     * What is added to the reward: 0 or less.
     *
     * @param length tokens of the response, the stop token included
     */
    public double penalty(int length) {
        double excess = (double) (length - (maxLength - buffer)) / buffer;
        return excess <= 0 ? 0 : -factor * Math.min(excess, 1);
    }
}
