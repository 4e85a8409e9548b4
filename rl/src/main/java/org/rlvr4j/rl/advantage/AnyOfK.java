package org.rlvr4j.rl.advantage;

import org.rlvr4j.rl.reward.Visit;

/**
 * Any-of-k advantage, the analytic advantage of pass@k training: every set of k of a group's n responses is worth 1 if any
 * of its responses is right, and otherwise 0; a response's advantage is the mean advantage of the sets that hold it.
 *
 * <pre>  mean = 1 - C(w, k) / C(n, k)       std = sqrt(mean (1 - mean))       w of the n responses are wrong
 *  A(right) = (1 - mean) / (std + 1e-6)
 *  A(wrong) = (1 - mean - C(w - 1, k - 1) / C(n - 1, k - 1)) / (std + 1e-6)</pre>
 *
 * <p>Responses are right or wrong, whatever their rewards.
 *
 * @param k size of the sets; 1 or more, and less than the number of responses
 * @see <a href="https://arxiv.org/abs/2508.10751">Chen et al., 2025</a>, and the authors' code
 */
public record AnyOfK(int k) implements GroupAdvantage {

    /** @throws IllegalArgumentException if {@code k} is below 1 */
    public AnyOfK {
        if (k < 1) {
            throw new IllegalArgumentException("k must be 1 or more, not " + k);
        }
    }

    @Override
    public String tag() {
        return "ANY_OF_K";
    }

    @Override
    public boolean ignoresRewards() {
        return true;
    }

    @Override
    public int leastResponses() {
        return k + 1;
    }

    /** @throws IllegalArgumentException unless there are more responses than {@code k}: of one set there is no contrast */
    @Override
    public double[] of(Visit visit, RewardHistory history) {
        int n = visit.size();
        if (n <= k) {
            throw new IllegalArgumentException("the advantage ANY_OF_K with k = " + k + " needs groups of more than "
                    + k + " responses, and prompt " + visit.prompt() + " has " + n);
        }
        double[] accuracy = visit.accuracy();
        int wrong = 0;
        for (double right : accuracy) {
            wrong += right == 0 ? 1 : 0;
        }
        double mean = 1 - shareOfSets(wrong, n, k);
        double std = Math.sqrt(mean * (1 - mean)) + GroupNormalized.EPSILON;
        double ofRight = (1 - mean) / std;
        double ofWrong = (1 - mean - shareOfSets(wrong - 1, n - 1, k - 1)) / std;
        var advantages = new double[n];
        for (int i = 0; i < n; i++) {
            advantages[i] = accuracy[i] == 0 ? ofWrong : ofRight;
        }
        return advantages;
    }

    /** Share of the sets of {@code size} out of {@code all} whose elements are all among {@code some}. */
    private static double shareOfSets(int some, int all, int size) {
        double share = 1;
        for (int j = 0; j < size; j++) {
            share *= (double) Math.max(some - j, 0) / (all - j);
        }
        return share;
    }
}
