package org.rlvr4j.rl;

import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;

/**
 * The size and pace of training, whatever the method.
 *
 * @param promptsPerStep   groups of one rollout
 * @param groupSize        G, responses to one prompt
 * @param updatesPerStep   mini-batches that a rollout is cut into, each of which is one optimizer step
 * @param microBatchTokens tokens of one forward and backward pass; memory, not results, depends on it
 * @param maxNewTokens     at which a response is cut off
 * @param temperature      of the rollout, and of the log-probabilities
 * @param learningRate     rate of each rollout step, counted from 0
 * @param adamW            the optimizer's constants
 * @param maxGradNorm      gradients of a larger global norm are scaled down to it
 * @param maxSkipped       updates in a row that may be skipped because they are not finite
 * @param seed             of all of the run's randomness but the order of problems
 */
public record TrainerSettings(
        int promptsPerStep,
        int groupSize,
        int updatesPerStep,
        int microBatchTokens,
        int maxNewTokens,
        double temperature,
        LearningRate learningRate,
        AdamW adamW,
        double maxGradNorm,
        int maxSkipped,
        long seed) {

    public TrainerSettings {
        require(promptsPerStep > 0, "promptsPerStep must be positive, not " + promptsPerStep);
        require(groupSize > 1, "a group needs at least two responses to have a baseline, not " + groupSize);
        require(
                updatesPerStep > 0 && promptsPerStep % updatesPerStep == 0,
                promptsPerStep + " prompts cannot be divided among " + updatesPerStep + " updates");
        require(microBatchTokens > 0, "microBatchTokens must be positive, not " + microBatchTokens);
        require(maxNewTokens > 0, "maxNewTokens must be positive, not " + maxNewTokens);
        require(temperature > 0, "a rollout's temperature must be positive, not " + temperature);
        require(maxSkipped >= 0, "maxSkipped must be 0 or more, not " + maxSkipped);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
