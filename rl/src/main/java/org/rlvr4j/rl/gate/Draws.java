package org.rlvr4j.rl.gate;

/**
 * Draws of one mini-batch: the number of a token depends on the run's seed, the step, the mini-batch's place in the
 * step and the token's place in the mini-batch, and on nothing else.
 *
 * @param key hash of seed, step and place of the mini-batch
 */
public record Draws(long key) {

    /**
     * The draws of mini-batch {@code miniBatch}, counted from 0, of step {@code step}.
     *
     * @param seed      seed of the run
     * @param step      number of the step
     * @param miniBatch place of the mini-batch in the step, from 0
     */
    public static Draws of(long seed, int step, int miniBatch) {
        return new Draws(mix(mix(mix(seed) + step) + miniBatch));
    }

    /** Number of token t, of 63 bits. */
    long number(int t) {
        return mix(key + t) >>> 1;
    }

    /** SplitMix64's step and finalizer (Steele, Lea and Flood, 2014). */
    private static long mix(long x) {
        long z = x + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
