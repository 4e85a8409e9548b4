package org.rlvr4j.eval;

import org.rlvr4j.data.Problem;

/**
 * Judge of answers: decides whether a model's answer to a problem is right.
 *
 * <p>The same problem and answer always get the same verdict, whatever the machine, the time and the thread.
 */
public interface Verifier {

    /**
     * Judges one answer; called from several threads at once.
     *
     * @param problem the problem
     * @param answer  the answer to judge
     */
    Verdict verify(Problem problem, Answer answer);

    /**
     * Whether two final answers are the same, and so votes for one candidate of maj@k.
     *
     * @param answer final answer, as {@link Verdict#answer()} gives it
     * @param other  another final answer to the same problem
     */
    default boolean same(String answer, String other) {
        return answer.equals(other);
    }
}
