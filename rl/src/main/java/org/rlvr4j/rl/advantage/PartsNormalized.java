package org.rlvr4j.rl.advantage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlvr4j.rl.reward.Outcome;
import org.rlvr4j.rl.reward.Visit;

/**
 * Parts-normalized advantage of GDPO, for rewards of several parts: each part is standardised in its group,
 * {@code (v - mean) / (std + 1e-4)}; their weighted sum is standardised over all responses of the step in the same way. A part
 * that a response lacks counts as 0.
 *
 * @param ddof 1 for the sample's standard deviations, 0 for the population's
 * @see <a href="https://arxiv.org/abs/2601.05242">Liu et al., 2026</a>
 */
public record PartsNormalized(int ddof) implements Advantage {

    private static final double EPSILON = 1e-4; // as in the authors' code

    public PartsNormalized {
        Moments.requireDdof(ddof);
    }

    @Override
    public String tag() {
        return "PARTS";
    }

    @Override
    public Advantage withDdof(int other) {
        return new PartsNormalized(other);
    }

    @Override
    public double[][] of(List<Visit> visits, RewardHistory history) {
        double[][] sums = visits.stream().map(this::sums).toArray(double[][]::new);
        double[] all = Arrays.stream(sums).flatMapToDouble(Arrays::stream).toArray();
        Moments step = Moments.of(all, ddof);
        return Arrays.stream(sums).map(group -> standardised(group, step)).toArray(double[][]::new);
    }

    /** The weighted sum of the standardised parts of each response. */
    private double[] sums(Visit visit) {
        var weights = new LinkedHashMap<String, Double>();
        var values = new LinkedHashMap<String, double[]>();
        List<Outcome> outcomes = visit.outcomes();
        for (int i = 0; i < outcomes.size(); i++) {
            for (Map.Entry<String, Outcome.Part> part : outcomes.get(i).parts().entrySet()) {
                weights.put(part.getKey(), part.getValue().weight());
                values.computeIfAbsent(part.getKey(), _ -> new double[outcomes.size()])[i] =
                        part.getValue().value();
            }
        }
        var sums = new double[outcomes.size()];
        values.forEach((name, value) -> {
            double[] standardised = standardised(value, Moments.of(value, ddof));
            for (int i = 0; i < sums.length; i++) {
                sums[i] += weights.getOrDefault(name, 0.0) * standardised[i];
            }
        });
        return sums;
    }

    private static double[] standardised(double[] values, Moments moments) {
        return Arrays.stream(values)
                .map(value -> (value - moments.mean()) / (moments.std() + EPSILON))
                .toArray();
    }
}
