package org.rlvr4j.eval.reward;

import java.util.HashSet;
import java.util.List;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/**
 * Penalty for repetition: minus the share of a response's runs of n words that have stood before in it.
 *
 * @param words number n of words in a run; 1 or more
 * @see <a href="https://arxiv.org/abs/2502.03373">Yeo et al., 2025</a>, appendix on the repetition penalty
 */
public record RepetitionPenalty(int words) implements Verifier {

    /** @throws IllegalArgumentException if {@code words} is not positive */
    public RepetitionPenalty {
        if (words < 1) {
            throw new IllegalArgumentException("repetition needs words of 1 or more, not " + words);
        }
    }

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        List<String> text = List.of(answer.text().strip().split("\\s+"));
        int runs = text.size() - words + 1;
        if (runs < 1) {
            return Verdict.of(0.0);
        }
        var different = new HashSet<List<String>>();
        for (int i = 0; i < runs; i++) {
            different.add(text.subList(i, i + words));
        }
        return Verdict.of((double) different.size() / runs - 1);
    }
}
