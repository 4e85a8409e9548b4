package org.rlvr4j.eval.reward;

import com.google.re2j.Pattern;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/**
 * Verifier of a format: a regular expression must match the whole response, without white space around it.
 *
 * @param pattern expression in the syntax of RE2
 */
public record FormatVerifier(Pattern pattern) implements Verifier {

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        return Verdict.of(pattern.matches(answer.text().strip()));
    }
}
