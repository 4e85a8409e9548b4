package org.rlvr4j.eval.reward;

import java.util.Optional;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.eval.Verifier;

/**
 * Verifier of exact texts: the response, without white space around it, must be an accepted answer.
 *
 * @param ignoreCase whether letters of either case are the same
 */
public record ExactVerifier(boolean ignoreCase) implements Verifier {

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        String given = answer.text().strip();
        if (given.isEmpty()) {
            return Verdict.unanswered();
        }
        boolean right = problem.answers().stream().anyMatch(truth -> same(given, truth.strip()));
        return Verdict.of(right ? Stage.IDENTICAL : Stage.DIFFERENT, Optional.of(given));
    }

    @Override
    public boolean same(String answer, String other) {
        return ignoreCase ? answer.equalsIgnoreCase(other) : answer.equals(other);
    }
}
