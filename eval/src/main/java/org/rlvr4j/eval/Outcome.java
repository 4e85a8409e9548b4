package org.rlvr4j.eval;

/**
 * What is left of a completion when it has been graded.
 *
 * @param length    in tokens
 * @param truncated whether the limit of new tokens came before a stop token
 */
public record Outcome(Verdict verdict, int length, boolean truncated) {}
