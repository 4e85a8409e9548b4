package org.rlvr4j.rl.reward;

/**
 * Overlong shaping, DAPO's soft overlong punishment (equation 13), added to a response's reward: 0 up to
 * {@code maxLength - buffer} tokens, then falling linearly to {@code -factor} at {@code maxLength}.
 *
 * @param maxLength length in tokens at which the whole penalty is reached
 * @param buffer    number of tokens over which the penalty grows; from 1 to {@code maxLength}
 * @param factor    size of the whole penalty; 0 is none
 */
public record OverlongShaping(int maxLength, int buffer, double factor) implements LengthShaping {

    /** Shaping without a penalty at any length. */
    public static final OverlongShaping NONE = new OverlongShaping(1, 1, 0);

    @Override
    public String tag() {
        return acts() ? "SOFT" : "NONE";
    }

    @Override
    public boolean acts() {
        return factor != 0;
    }

    @Override
    public double shaped(double reward, int length, boolean truncated) {
        return reward + penalty(length);
    }

    /** @throws IllegalArgumentException if buffer or factor is out of its range */
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
     * Returns the penalty that is added to the reward: 0 or less.
     *
     * @param length number of tokens of the response, including the stop token
     */
    public double penalty(int length) {
        double excess = (double) (length - (maxLength - buffer)) / buffer;
        return excess <= 0 ? 0 : -factor * Math.min(excess, 1);
    }
}
