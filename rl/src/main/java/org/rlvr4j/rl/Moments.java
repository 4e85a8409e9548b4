package org.rlvr4j.rl;

/** Mean and standard deviation of a group's rewards. */
record Moments(double mean, double std) {

    /**
     * The moments of a group.
     *
     * @param rewards at least {@code ddof + 1} of them
     * @param ddof    1 divides the squares by n - 1 (sample), 0 by n (population)
     */
    static Moments of(double[] rewards, int ddof) {
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
}
