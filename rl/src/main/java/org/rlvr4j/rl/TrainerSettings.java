package org.rlvr4j.rl;

import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Require;

/**
 * Settings of training that do not depend on the method: sizes, learning rate and seed.
 *
 * @param promptsPerStep   number of groups of one rollout
 * @param groupSize        number of responses to one prompt; at least 2
 * @param updatesPerStep   number of mini-batches of one rollout, each of which is one optimizer step; a divisor of
 *                         {@code promptsPerStep}
 * @param microBatchTokens most tokens of one forward and backward pass, prompts included; memory, not results,
 *                         depends on it
 * @param maxNewTokens     most tokens of a response; a longer one is cut off there
 * @param temperature      temperature of sampling and of the log-probabilities; above 0
 * @param topK             number of most likely tokens to draw from; 0 for all. Log-probabilities are of all tokens
 * @param topP             probability that the smallest set of tokens to draw from must reach; 1 for all
 * @param learningRate     learning rate of each rollout step, counted from 0
 * @param adamW            constants of the optimizer
 * @param maxGradNorm      largest global L2 norm of a gradient; a larger gradient is scaled down to it
 * @param maxSkipped       most updates in a row that may be skipped because loss or gradient is not finite
 * @param seed             seed of all random numbers of the run, except the order of problems
 */
public record TrainerSettings(
        int promptsPerStep,
        int groupSize,
        int updatesPerStep,
        int microBatchTokens,
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        LearningRate learningRate,
        AdamW adamW,
        double maxGradNorm,
        int maxSkipped,
        long seed) {

    /** @throws IllegalArgumentException if a setting is out of its range; the message holds its name and value */
    public TrainerSettings {
        Require.that(promptsPerStep > 0, "promptsPerStep must be positive, not " + promptsPerStep);
        Require.that(groupSize > 1, "groupSize must be 2 or more, to have a baseline, not " + groupSize);
        Require.that(
                updatesPerStep > 0 && promptsPerStep % updatesPerStep == 0,
                "updatesPerStep must divide promptsPerStep, and " + updatesPerStep + " does not divide "
                        + promptsPerStep);
        Require.that(microBatchTokens > 0, "microBatchTokens must be positive, not " + microBatchTokens);
        Require.that(maxNewTokens > 0, "maxNewTokens must be positive, not " + maxNewTokens);
        Require.that(temperature > 0, "temperature must be above 0, not " + temperature);
        Require.that(topK >= 0, "topK must be 0 (all tokens) or more, not " + topK);
        Require.that(topP > 0 && topP <= 1, "topP must be above 0 and at most 1, not " + topP);
        Require.that(maxGradNorm > 0, "maxGradNorm must be above 0, not " + maxGradNorm);
        Require.that(maxSkipped >= 0, "maxSkipped must be 0 or more, not " + maxSkipped);
    }

    /** Sampling of a rollout: {@code groupSize} completions for each prompt. */
    Sampling sampling() {
        return new Sampling(groupSize, temperature, topK, topP, maxNewTokens, seed);
    }
}
