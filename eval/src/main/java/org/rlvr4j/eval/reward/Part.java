package org.rlvr4j.eval.reward;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/**
 * Part of a reward: a verifier with a name and a weight.
 *
 * @param name     name of the part in logs and charts: letters, digits, {@code _} and {@code -}
 * @param verifier judge of this part
 * @param weight   factor of the part in the sum
 * @param values   values of verdicts without parts
 * @param judges   whether the verifier can say what is right; false for a length, for example
 * @param accuracy whether this part says what counts as right; null if it does so only as the first that judges
 * @param sources  data sets whose problems the part applies to; empty for all
 */
public record Part(
        String name,
        Verifier verifier,
        double weight,
        Values values,
        boolean judges,
        @Nullable Boolean accuracy,
        List<String> sources) {

    private static final Set<String> ONE_NUMBER = Set.of(Verdict.VALUE);

    /** @throws IllegalArgumentException if the name has other signs, or the weight is not finite */
    public Part {
        if (!name.matches("[\\w-]+")) {
            throw new IllegalArgumentException(
                    "the name of a reward's part is letters, digits, _ and -, not \"" + name + "\"");
        }
        if (!Double.isFinite(weight)) {
            throw new IllegalArgumentException("the weight of " + name + " must be a number, not " + weight);
        }
        if (Boolean.TRUE.equals(accuracy) && !judges) {
            throw new IllegalArgumentException(name + " cannot say what is right, so it cannot be the accuracy");
        }
        sources = List.copyOf(sources);
    }

    /**
     * A part of weight 1 for all problems, with values of 1 and 0.
     *
     * @param name     name of the part
     * @param verifier judge of the part
     */
    public static Part of(String name, Verifier verifier) {
        return new Part(name, verifier, 1, Values.ZERO_ONE, true, null, List.of());
    }

    /**
     * Whether the part applies to problems of a data set.
     *
     * @param source name of the data set
     */
    public boolean appliesTo(String source) {
        return sources.isEmpty() || sources.contains(source);
    }

    /** The numbers of a verdict by the names they are logged by: the part's, or {@code part.number} if there are several. */
    Map<String, Double> numbers(Verdict verdict) {
        Map<String, Double> parts = verdict.parts();
        if (parts.isEmpty()) {
            return Map.of(name, values.of(verdict));
        }
        var numbers = new LinkedHashMap<String, Double>();
        for (String key : new TreeSet<>(parts.keySet())) {
            numbers.put(parts.keySet().equals(ONE_NUMBER) ? name : name + "." + key, parts.getOrDefault(key, 0.0));
        }
        return numbers;
    }
}
