package org.rlvr4j.rl.reward;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.rlvr4j.eval.Verdict;

/**
 * Reward that is the weighted sum of a verdict's parts, added in their order.
 *
 * @param weights weight of each part by its name; it is also the weight of the numbers {@code name.number} of the part
 */
public record WeightedParts(Map<String, Double> weights) implements Reward {

    public WeightedParts {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    @Override
    public String tag() {
        return "PARTS";
    }

    /** @throws IllegalArgumentException if the verdict has no parts, or one without a weight */
    @Override
    public double of(Verdict verdict) {
        requireParts(verdict);
        double sum = 0;
        for (Map.Entry<String, Double> number : verdict.parts().entrySet()) {
            sum += weight(part(number.getKey())) * number.getValue();
        }
        return sum;
    }

    /**
     * {@inheritDoc} The numbers {@code name.number} of a part are added up.
     *
     * @throws IllegalArgumentException if the verdict has no parts, or one without a weight
     */
    @Override
    public Map<String, Outcome.Part> parts(Verdict verdict) {
        requireParts(verdict);
        var parts = new LinkedHashMap<String, Outcome.Part>();
        verdict.parts().forEach((number, value) -> {
            String name = part(number);
            parts.merge(
                    name,
                    new Outcome.Part(weight(name), value),
                    (sum, next) -> new Outcome.Part(sum.weight(), sum.value() + next.value()));
        });
        return parts;
    }

    private void requireParts(Verdict verdict) {
        if (verdict.parts().isEmpty()) {
            throw new IllegalArgumentException("the verdict has no parts to add up, of " + weights.keySet());
        }
    }

    private double weight(String part) {
        Double weight = weights.get(part);
        if (weight == null) {
            throw new IllegalArgumentException("the part " + part + " of a verdict has no weight");
        }
        return weight;
    }

    /** The part that a number of a verdict belongs to. */
    private static String part(String number) {
        int dot = number.indexOf('.');
        return dot < 0 ? number : number.substring(0, dot);
    }
}
