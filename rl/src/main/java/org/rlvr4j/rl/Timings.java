package org.rlvr4j.rl;

/**
 * What a step took; apart from its metrics, which are the same on every machine.
 *
 * @param rolloutSeconds generating and grading
 * @param updateSeconds  forward and backward passes and optimizer steps
 * @param rolloutTokens  tokens generated
 * @param updateTokens   tokens learned from, prompts included
 */
public record Timings(double rolloutSeconds, double updateSeconds, long rolloutTokens, long updateTokens) {}
