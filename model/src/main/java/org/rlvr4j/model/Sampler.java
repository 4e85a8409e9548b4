package org.rlvr4j.model;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;

/** Draws a token from one row of logits. */
final class Sampler {

    private final Sampling sampling;
    private final Backend backend;

    Sampler(Sampling sampling, Backend backend) {
        this.sampling = sampling;
        this.backend = backend;
    }

    /** What the logits are to be divided by; greedy decoding leaves them as they are. */
    double temperature() {
        return sampling.temperature() == 0 ? 1 : sampling.temperature();
    }

    /**
     * @param z       logits divided by the temperature
     * @param start   where the row begins
     * @param V       its length
     * @param lse     logarithm of the sum of its exponentials
     * @param uniform in [0, 1)
     */
    int draw(Buffer z, long start, int V, double lse, double uniform) {
        if (sampling.temperature() == 0) {
            return mostLikely(z, start, V);
        }
        if (sampling.topK() == 0 && sampling.topP() == 1) {
            return backend.quantile(z, start, V, lse, uniform);
        }
        return drawTruncated(z, start, V, lse, uniform);
    }

    private static int mostLikely(Buffer z, long start, int V) {
        int best = 0;
        for (int i = 1; i < V; i++) {
            if (z.get(start + i) > z.get(start + best)) {
                best = i;
            }
        }
        return best;
    }

    /** Top-k first, then top-p of what is left, as Transformers has it; equal logits stand in the order of ids. */
    private int drawTruncated(Buffer z, long start, int V, double lse, double uniform) {
        int[] tokens = IntStream.range(0, V)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -z.get(start + i)))
                .mapToInt(i -> i)
                .toArray();
        int kept = sampling.topK() == 0 ? V : Math.min(V, sampling.topK());
        double mass = mass(tokens, kept, z, start, lse);
        double sum = 0;
        int nucleus = 0;
        while (nucleus < kept && sum < sampling.topP() * mass) {
            sum += Math.exp(z.get(start + tokens[nucleus++]) - lse);
        }
        return inverse(tokens, nucleus, z, start, lse, uniform * sum);
    }

    private static double mass(int[] tokens, int count, Buffer z, long start, double lse) {
        return Arrays.stream(tokens, 0, count)
                .mapToDouble(token -> Math.exp(z.get(start + token) - lse))
                .sum();
    }

    /** The first token at which the cumulative probability exceeds a number. */
    private static int inverse(int[] tokens, int count, Buffer z, long start, double lse, double uniform) {
        double sum = 0;
        int last = tokens[0];
        for (int i = 0; i < count; i++) {
            double p = Math.exp(z.get(start + tokens[i]) - lse);
            sum += p;
            if (p > 0) {
                last = tokens[i]; // rounding may leave the sum just below the number: then the last possible token
            }
            if (sum > uniform) {
                return tokens[i];
            }
        }
        return last;
    }
}
