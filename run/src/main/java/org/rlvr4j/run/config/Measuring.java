package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.Require;

/**
 * Measuring: settings of the evaluations.
 *
 * @param problems      whether the problems held back are answered, or those trained on
 * @param samples       number k of completions per problem for Avg@k
 * @param sampledSuites names of the suites whose Avg@k is measured, null for all; Avg@1 is measured for all suites
 * @param everySteps    number of steps between greedy evaluations for the curve; 0 to evaluate only before and
 *                      after
 * @param maxNewTokens  most tokens of a completion; a longer one is cut off there
 * @param temperature   temperature of the completions of Avg@k; above 0
 * @param topK          number of most likely tokens to draw from; 0 for all
 * @param topP          probability that the smallest set of tokens to draw from must reach; 1 for all
 * @param maxSequences  most sequences that are generated at the same time
 * @param seed          seed of the sampled completions
 * @param text          file of ordinary text, whose perplexity is measured with every greedy evaluation; null for none
 */
public record Measuring(
        Problems problems,
        int samples,
        @Nullable List<String> sampledSuites,
        int everySteps,
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        @MayDiffer int maxSequences,
        long seed,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Path text) {

    /** Problems that are answered. */
    public enum Problems {
        /** Those held back from training, suite by suite. */
        HELD_BACK,
        /** Those trained on, as one suite named {@code training}. */
        TRAINING
    }

    /** @throws IllegalArgumentException if a number is out of its range, or {@code sampledSuites} is empty */
    public Measuring {
        Require.that(samples > 0, "samples must be positive, not " + samples);
        Require.that(sampledSuites == null || !sampledSuites.isEmpty(), "sampledSuites must name a suite, or be null");
        Require.that(everySteps >= 0, "everySteps must be 0 or more, not " + everySteps);
        Require.that(temperature > 0, "temperature must be above 0, not " + temperature);
        var _ = new Sampling(samples, temperature, topK, topP, maxNewTokens, seed);
    }

    /** Sampling of Avg@k. */
    public Sampling sampling() {
        return new Sampling(samples, temperature, topK, topP, maxNewTokens, seed);
    }
}
