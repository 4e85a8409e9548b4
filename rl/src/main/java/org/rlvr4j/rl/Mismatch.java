package org.rlvr4j.rl;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Mismatch between rollout and trainer: how far the log-probabilities that tokens were drawn with are from those of the
 * learner's forward pass with the same weights.
 *
 * @param tokens        number of tokens compared
 * @param sum           sum of the absolute differences, in nats
 * @param max           largest absolute difference
 * @param divergenceSum sum of {@code exp(d) - 1 - d}, d being the learner's log-probability less the rollout's: its mean
 *                      estimates KL(q || p) for the policy q that drew the tokens and the learner's p
 */
public record Mismatch(long tokens, double sum, double max, double divergenceSum) {

    /** Mismatch of no tokens. */
    public static final Mismatch NONE = new Mismatch(0, 0, 0, 0);

    /**
     * Mismatch of some tokens.
     *
     * @param rollout log-probabilities that the tokens were drawn with
     * @param trainer log-probabilities of the learner's forward pass
     */
    static Mismatch of(float[] rollout, float[] trainer) {
        double sum = 0;
        double max = 0;
        double divergence = 0;
        for (int i = 0; i < rollout.length; i++) {
            double difference = (double) trainer[i] - rollout[i];
            sum += Math.abs(difference);
            max = Math.max(max, Math.abs(difference));
            divergence += StrictMath.expm1(difference) - difference;
        }
        return new Mismatch(rollout.length, sum, max, divergence);
    }

    /** Mismatch of these tokens and others. */
    Mismatch and(Mismatch others) {
        return new Mismatch(
                tokens + others.tokens,
                sum + others.sum,
                Math.max(max, others.max),
                divergenceSum + others.divergenceSum);
    }

    /** Mean absolute difference; 0 of no tokens. */
    double mean() {
        return tokens == 0 ? 0 : sum / tokens;
    }

    /** Estimate of the divergence; 0 of no tokens. */
    double divergence() {
        return tokens == 0 ? 0 : divergenceSum / tokens;
    }

    /** Mean absolute difference, largest one and divergence by the names of the metrics, in nats. */
    public Map<String, Number> metrics() {
        var metrics = new LinkedHashMap<String, Number>();
        metrics.put("mismatch", mean());
        metrics.put("maxMismatch", max);
        metrics.put("mismatchKl", divergence());
        return metrics;
    }
}
