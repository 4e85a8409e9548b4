package org.rlvr4j.rl.gate;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.rlvr4j.tensor.Segments;

/**
 * Response tokens with what the policy gives to them before an update, in packed order.
 *
 * @param responses   rows of each response
 * @param advantages  advantage of each token's response
 * @param oldLogProbs log q of each token, when it was sampled
 * @param logProbs    log p of each token by the policy now
 * @param entropies   entropy of each token's distribution by the policy now, in nats
 * @param clipped     for each token, whether the clip acts on it
 */
@SuppressWarnings("ArrayRecordComponent") // tokens are compared by identity
public record ScoredTokens(
        Segments responses,
        double[] advantages,
        double[] oldLogProbs,
        double[] logProbs,
        double[] entropies,
        boolean[] clipped) {

    /** Number of tokens. */
    public int count() {
        return responses.total();
    }

    /**
     * The tokens of several micro-batches as one, in their order.
     *
     * @param parts tokens of the micro-batches
     */
    public static ScoredTokens joined(List<ScoredTokens> parts) {
        int[] lengths = parts.stream()
                .map(ScoredTokens::responses)
                .flatMapToInt(responses -> IntStream.range(0, responses.count()).map(responses::length))
                .toArray();
        Segments responses = Segments.ofLengths(lengths);
        var clipped = new boolean[responses.total()];
        int at = 0;
        for (ScoredTokens part : parts) {
            System.arraycopy(part.clipped, 0, clipped, at, part.count());
            at += part.count();
        }
        return new ScoredTokens(
                responses,
                joined(parts, ScoredTokens::advantages),
                joined(parts, ScoredTokens::oldLogProbs),
                joined(parts, ScoredTokens::logProbs),
                joined(parts, ScoredTokens::entropies),
                clipped);
    }

    private static double[] joined(List<ScoredTokens> parts, Function<ScoredTokens, double[]> numbers) {
        return parts.stream().map(numbers).flatMapToDouble(Arrays::stream).toArray();
    }

    /**
     * The part that each token has in the covariance of advantage and log-probability over these tokens:
     * {@code (A - mean A) (log p - mean log p)}.
     */
    double[] covariances() {
        double meanAdvantage = mean(advantages);
        double meanLogProb = mean(logProbs);
        var covariances = new double[count()];
        Arrays.setAll(covariances, t -> (advantages[t] - meanAdvantage) * (logProbs[t] - meanLogProb));
        return covariances;
    }

    private static double mean(double[] numbers) {
        double sum = 0;
        for (double number : numbers) {
            sum += number;
        }
        return numbers.length == 0 ? 0 : sum / numbers.length;
    }
}
