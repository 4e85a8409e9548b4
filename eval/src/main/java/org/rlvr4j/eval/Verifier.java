package org.rlvr4j.eval;

import org.rlvr4j.data.Problem;

/**
 * Judge of answers: decides whether a model's answer to a problem is right, or what it is worth.
 *
 * <p>The same problem and answer always get the same verdict, whatever the machine, the time and the thread.
 *
 * <pre>{@code
 * public final class EvenLength implements Verifier {
 *     public Verdict verify(Problem problem, Answer answer) {
 *         return Verdict.of(answer.text().length() % 2 == 0);
 *     }
 * }
 * }</pre>
 */
@FunctionalInterface
public interface Verifier {

    /**
     * Judges one answer; called from several threads at once.
     *
     * @param problem problem with its accepted answers, and all columns of its row
     * @param answer  text and tokens of the response, and whether it was cut off
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

    /**
     * Checks that answers to a problem can be judged, which is asked of every problem before the work begins.
     *
     * @param problem the problem
     * @throws IllegalArgumentException if they cannot, as the accepted answer is not of this verifier's kind, for example
     */
    default void check(Problem problem) {}

    /**
     * The verifier that says which answers to problems of a data set are right.
     *
     * @param source name of the data set
     */
    default Verifier forSource(String source) {
        return this;
    }
}
