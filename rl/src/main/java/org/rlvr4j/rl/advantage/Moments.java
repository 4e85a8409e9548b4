package org.rlvr4j.rl.advantage;

/** Mean and standard deviation of a group's rewards. */
public record Moments(double mean, double std) {

    /**
     * The moments of a group.
     *
     * @param rewards at least {@code ddof + 1} of them
     * @param ddof    1 divides the squares by n - 1 (sample), 0 by n (population)
     */
    public static Moments of(double[] rewards, int ddof) {
        double sum = 0;
        boolean equal = true;
        for (double reward : rewards) {
            sum += reward;
            equal &= reward == rewards[0];
        }
        if (equal) {
            return new Moments(rewards[0], 0); // exactly, so that rounding makes no contrast where there is none
        }
        double mean = sum / rewards.length;
        double squares = 0;
        for (double reward : rewards) {
            squares += (reward - mean) * (reward - mean);
        }
        return new Moments(mean, Math.sqrt(squares / (rewards.length - ddof)));
    }

    /** Only the sample's and the population's standard deviation have a name. */
    static void requireDdof(int ddof) {
        if (ddof != 0 && ddof != 1) {
            throw new IllegalArgumentException("ddof must be 0 (population) or 1 (sample), not " + ddof);
        }
    }
}
