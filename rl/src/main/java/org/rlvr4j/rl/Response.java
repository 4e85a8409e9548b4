package org.rlvr4j.rl;

import org.rlvr4j.eval.Verdict;
import org.rlvr4j.model.Completion;

/**
 * A completion and what became of it.
 *
 * @param completion what the policy wrote
 * @param verdict    what the grader found
 * @param reward     what the verdict, and the length, are worth
 */
public record Response(Completion completion, Verdict verdict, double reward) {}
