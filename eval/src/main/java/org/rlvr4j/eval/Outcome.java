package org.rlvr4j.eval;

/**
 * Outcome of a graded completion, without its text and tokens.
 *
 * @param verdict   judgement of the final answer
 * @param length    length of the completion in tokens
 * @param truncated whether the limit of new tokens came before a stop token
 */
public record Outcome(Verdict verdict, int length, boolean truncated) {}
