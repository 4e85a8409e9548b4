package org.rlvr4j.model.generate;

/**
 * Random stream of one completion: draw number n depends on (seed, prompt, sample, n) and on nothing else.
 *
 * @param key hash of seed, prompt and sample, which identifies the stream
 */
record RandomStream(long key) {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    static RandomStream of(long seed, long prompt, int sample) {
        return new RandomStream(mix(mix(mix(seed) + prompt) + sample));
    }

    /** Draw number n: uniform in [0, 1), of 53 bits. */
    double uniform(int n) {
        return (mix(key + n) >>> 11) * 0x1p-53;
    }

    /** SplitMix64's step and finalizer (Steele, Lea and Flood, 2014). */
    private static long mix(long x) {
        long z = x + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
