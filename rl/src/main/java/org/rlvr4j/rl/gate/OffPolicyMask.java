package org.rlvr4j.rl.gate;

import java.util.Arrays;
import org.rlvr4j.tensor.Segments;

/**
 * Gate of off-policy sequence masking: a response with negative advantage does not learn if the policy has moved too far
 * from the one that sampled it, that is if the mean of {@code log q - log p} over its tokens is above a limit.
 *
 * @param maxDivergence largest mean of log q - log p, delta, in nats; 0 or more
 * @see <a href="https://arxiv.org/abs/2512.02556">DeepSeek-AI, 2025</a>, equation 9
 */
public record OffPolicyMask(double maxDivergence) implements Gate {

    /** @throws IllegalArgumentException if the limit is negative or NaN */
    public OffPolicyMask {
        if (!(maxDivergence >= 0)) {
            throw new IllegalArgumentException("maxDivergence must be 0 or more, not " + maxDivergence);
        }
    }

    @Override
    public String tag() {
        return "OFF_POLICY";
    }

    @Override
    public Scope scope() {
        return Scope.RESPONSE;
    }

    @Override
    public Decision decide(ScoredTokens tokens, Draws draws) {
        Decision decision = Decision.open(tokens.count());
        Segments responses = tokens.responses();
        for (int s = 0; s < responses.count(); s++) {
            int from = responses.start(s);
            int to = responses.end(s);
            if (from < to && tokens.advantages()[from] < 0 && divergence(tokens, from, to) > maxDivergence) {
                Arrays.fill(decision.share(), from, to, 0);
            }
        }
        return decision;
    }

    private static double divergence(ScoredTokens tokens, int from, int to) {
        double sum = 0;
        for (int t = from; t < to; t++) {
            sum += tokens.oldLogProbs()[t] - tokens.logProbs()[t];
        }
        return sum / (to - from);
    }
}
