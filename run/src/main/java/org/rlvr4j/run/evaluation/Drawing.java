package org.rlvr4j.run.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.generate.Sampling;

/**
 * Drawing of the completions of Avg@k.
 *
 * @param samples     number k of completions per problem, from 0, which is no Avg@k, to 1000; null for 32 of the suites that
 *                    are sampled in their published protocols
 * @param suites      names of the only suites whose Avg@k is measured; null for all
 * @param temperature divisor of the logits; above 0
 * @param topK        number of most likely tokens to draw from; 0 for all
 * @param topP        probability that the smallest set of tokens to draw from must reach; 1 for all
 */
public record Drawing(
        @Nullable Integer samples, @Nullable List<String> suites, double temperature, int topK, double topP) {

    private static final int USUAL_SAMPLES = 32;
    private static final int MAX_SAMPLES = 1000; // binomial coefficients of more overflow a double

    /** @throws IllegalArgumentException if a number is out of its range, or no samples are to be drawn of named suites */
    public Drawing {
        if (samples != null && (samples < 0 || samples > MAX_SAMPLES)) {
            throw new IllegalArgumentException("--samples must be from 0 to " + MAX_SAMPLES + ", not " + samples);
        }
        if (samples != null && samples == 0 && suites != null) {
            throw new IllegalArgumentException("--sampled names suites to be sampled, but --samples is 0");
        }
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("--temperature is that of Avg@k and must be above 0, not " + temperature
                    + "; Avg@1 is greedy, and --samples 0 measures nothing else");
        }
    }

    /** Names of the suites whose Avg@k is measured. */
    List<String> sampled(List<SuiteTask> tasks) {
        if (suites != null) {
            return suites;
        }
        return tasks.stream()
                .filter(task -> samples == null ? task.isUsuallySampled() : samples > 0)
                .map(task -> task.suite().name())
                .toList();
    }

    /** Sampling of Avg@k. */
    Sampling sampling(ModelChoice model) {
        int k = samples == null || samples == 0 ? USUAL_SAMPLES : samples;
        return new Sampling(k, temperature, topK, topP, model.maxNewTokens(), model.seed());
    }
}
