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
        if (verdict.parts().isEmpty()) {
            throw new IllegalArgumentException("the verdict has no parts to add up, of " + weights.keySet());
        }
        double sum = 0;
        for (Map.Entry<String, Double> part : verdict.parts().entrySet()) {
            int dot = part.getKey().indexOf('.');
            Double weight = weights.get(dot < 0 ? part.getKey() : part.getKey().substring(0, dot));
            if (weight == null) {
                throw new IllegalArgumentException("the part " + part.getKey() + " of a verdict has no weight");
            }
            sum += weight * part.getValue();
        }
        return sum;
    }
}
