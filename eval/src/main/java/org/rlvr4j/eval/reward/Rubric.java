package org.rlvr4j.eval.reward;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/**
 * Rubric: the parts of a reward. Its verdicts hold the numbers of all parts that apply to a problem; one of these parts
 * says what is right, and its answers vote.
 *
 * @param parts parts in the order in which they are added up, whose names differ
 */
public record Rubric(List<Part> parts) implements Verifier {

    /** @throws IllegalArgumentException if there is no part, or two have the same name */
    public Rubric {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a reward needs at least one part");
        }
        var names = new TreeSet<String>();
        for (Part part : parts) {
            if (!names.add(part.name())) {
                throw new IllegalArgumentException(
                        "two parts of the reward are called " + part.name() + ": give one another name");
            }
        }
    }

    /** Weight of each part, by its name. */
    public Map<String, Double> weights() {
        var weights = new LinkedHashMap<String, Double>();
        parts.forEach(part -> weights.put(part.name(), part.weight()));
        return weights;
    }

    /**
     * {@inheritDoc} One part that applies to the problem must say what is right, and all that apply must be able to judge it.
     */
    @Override
    public void check(Problem problem) {
        Part _ = accuracyOf(problem.source());
        parts.stream().filter(part -> part.appliesTo(problem.source())).forEach(part -> part.verifier()
                .check(problem));
    }

    private Part accuracyOf(String source) {
        List<Part> applying =
                parts.stream().filter(part -> part.appliesTo(source)).toList();
        List<Part> named = applying.stream()
                .filter(part -> Boolean.TRUE.equals(part.accuracy()))
                .toList();
        if (named.size() > 1) {
            throw new IllegalArgumentException("both " + named.get(0).name() + " and "
                    + named.get(1).name() + " are the accuracy of problems of " + source + ": only one part can be");
        }
        if (!named.isEmpty()) {
            return named.getFirst();
        }
        return applying.stream()
                .filter(part -> part.judges() && part.accuracy() == null)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("no part of the reward says what is right for problems of "
                                + source + ": add one, such as boxed, or add " + source + " to the sources of one"));
    }

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        Part accuracy = accuracyOf(problem.source());
        Verdict right = accuracy.verifier().verify(problem, answer);
        var numbers = new LinkedHashMap<String, Double>();
        for (Part part : parts) {
            if (part.appliesTo(problem.source())) {
                numbers.putAll(part.numbers(
                        part.equals(accuracy) ? right : part.verifier().verify(problem, answer)));
            }
        }
        return right.with(numbers);
    }

    @Override
    public Verifier forSource(String source) {
        return accuracyOf(source).verifier();
    }

    /** {@inheritDoc} Use {@link #forSource}: which part decides depends on the data set. */
    @Override
    public boolean same(String answer, String other) {
        return answer.equals(other);
    }
}
