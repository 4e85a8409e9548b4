package org.rlvr4j.model.generate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;

/** Sampler of tokens from rows of logits. */
final class Sampler {

    private final Sampling sampling;
    private final Backend backend;

    Sampler(Sampling sampling, Backend backend) {
        this.sampling = sampling;
        this.backend = backend;
    }

    /** Divisor of the logits: the temperature, or 1 in greedy decoding. */
    double temperature() {
        return sampling.temperature() == 0 ? 1 : sampling.temperature();
    }

    /**
     * Draws tokens from rows of logits.
     *
     * @param z        logits divided by the temperature, in rows of V
     * @param lse      log-sum-exp of each row of z
     * @param rows     row of z for each draw
     * @param uniforms uniform number in [0, 1) for each draw
     * @param logProbs output: log-probability of each drawn token
     */
    int[] draw(Buffer z, Buffer lse, int V, int[] rows, double[] uniforms, float[] logProbs) {
        if (sampling.temperature() == 0) {
            var greedy = new double[rows.length];
            Arrays.fill(greedy, -1);
            return backend.draw(z, lse, V, rows, greedy, logProbs);
        }
        if (sampling.topK() == 0 && sampling.topP() == 1) {
            return backend.draw(z, lse, V, rows, uniforms, logProbs);
        }
        var tokens = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            long start = (long) rows[i] * V;
            tokens[i] = drawTruncated(z, start, V, lse.get(rows[i]), uniforms[i]);
            logProbs[i] = (float) z.get(start + tokens[i]) - (float) lse.get(rows[i]);
        }
        return tokens;
    }

    /** Draws after top-k, then top-p of the rest, as Transformers does; equal logits are in the order of their ids. */
    private int drawTruncated(Buffer z, long start, int V, double lse, double uniform) {
        int[] tokens = IntStream.range(0, V)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -z.get(start + i)))
                .mapToInt(i -> i)
                .toArray();
        int candidates = sampling.topK() == 0 ? V : Math.min(V, sampling.topK());
        double mass = mass(tokens, candidates, z, start, lse);
        double sum = 0;
        int nucleus = 0;
        while (nucleus < candidates && sum < sampling.topP() * mass) {
            sum += StrictMath.exp(z.get(start + tokens[nucleus++]) - lse);
        }
        return inverse(tokens, nucleus, z, start, lse, uniform * sum);
    }

    private static double mass(int[] tokens, int count, Buffer z, long start, double lse) {
        return Arrays.stream(tokens, 0, count)
                .mapToDouble(token -> StrictMath.exp(z.get(start + token) - lse))
                .sum();
    }

    /** The first token at which the cumulative probability exceeds a threshold. */
    private static int inverse(int[] tokens, int count, Buffer z, long start, double lse, double threshold) {
        double sum = 0;
        int last = tokens[0];
        for (int i = 0; i < count; i++) {
            double p = StrictMath.exp(z.get(start + tokens[i]) - lse);
            sum += p;
            if (p > 0) {
                last = tokens[i]; // rounding may leave the sum just below the threshold: then the last possible token
            }
            if (sum > threshold) {
                return tokens[i];
            }
        }
        return last;
    }
}
