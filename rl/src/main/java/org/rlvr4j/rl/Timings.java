package org.rlvr4j.rl;

/**
 * Timings of a step, which differ between machines, unlike its metrics.
 *
 * @param rolloutSeconds seconds of generation and grading
 * @param updateSeconds  seconds of forward and backward passes and of optimizer steps
 * @param rolloutTokens  number of tokens generated
 * @param updateTokens   number of tokens learned from, prompts included
 */
public record Timings(double rolloutSeconds, double updateSeconds, long rolloutTokens, long updateTokens) {}
