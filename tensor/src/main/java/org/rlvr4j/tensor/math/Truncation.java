package org.rlvr4j.tensor.math;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Truncation of a distribution over tokens before one is drawn: top-k, then top-p of what is left, as Transformers does.
 *
 * <p>Tokens are in the order of their probabilities, equal ones in the order of their ids. So what is drawn depends on the
 * first tokens of that order alone: the k most likely ones, or, without top-k, those that reach the probability.
 *
 * @param topK number of most likely tokens to draw from; 0 means all
 * @param topP probability that the smallest set of tokens to draw from must reach, of that of the k tokens; 1 means all
 */
public record Truncation(int topK, double topP) {

    /** Result of {@link #draw} if it depends on tokens that were not given. */
    public static final int MORE = -1;

    private static final int[] DEPTHS = {2, 4, 8, 16, 32}; // of likely logits below the row's lse

    /**
     * Draws one of the most likely tokens of a row.
     *
     * @param logits  logits of tokens in the order of their ids: of all tokens of the row, or of all whose logit is at
     *                least some number
     * @param V       number of tokens of the row
     * @param lse     logarithm of the row's sum of exponentials
     * @param uniform uniform number in [0, 1)
     * @return index of the token's logit, or {@link #MORE} if the draw depends on more tokens than are given
     */
    public int draw(float[] logits, int V, double lse, double uniform) {
        int most = topK == 0 ? V : Math.min(V, topK);
        if (topK > 0 && logits.length < most) {
            return MORE;
        }
        int[] order = order(logits);
        int given = Math.min(most, order.length);
        double[] probabilities = Arrays.stream(order, 0, given)
                .mapToDouble(i -> StrictMath.exp(logits[i] - lse))
                .toArray();
        double bound = topK == 0 ? topP : topP * Arrays.stream(probabilities).sum();
        double sum = 0;
        int selected = 0;
        while (selected < given && sum < bound) {
            sum += probabilities[selected++];
        }
        if (sum < bound && given < most) {
            return MORE;
        }
        return order[quantile(probabilities, selected, uniform * sum)];
    }

    /**
     * The token that {@link #draw} draws from a whole row. Only its likely tokens are put in order, if the draw depends on
     * no others.
     *
     * @param row     logits of the row
     * @param lse     logarithm of the row's sum of exponentials
     * @param uniform uniform number in [0, 1)
     */
    public int drawFromRow(float[] row, double lse, double uniform) {
        for (int depth : DEPTHS) {
            int[] likely = IntStream.range(0, row.length)
                    .filter(i -> row[i] >= lse - depth)
                    .toArray();
            var logits = new float[likely.length];
            for (int i = 0; i < likely.length; i++) {
                logits[i] = row[likely[i]];
            }
            int drawn = draw(logits, row.length, lse, uniform);
            if (drawn != MORE) {
                return likely[drawn];
            }
        }
        return draw(row, row.length, lse, uniform);
    }

    /** Indexes of numbers, the greatest first, of equal ones the first; 0 is above -0, and NaN is last. */
    private static int[] order(float[] numbers) {
        var keys = new long[numbers.length];
        for (int i = 0; i < keys.length; i++) {
            int bits = Float.floatToIntBits(-numbers[i]);
            long descending = bits ^ (bits >> 31 & Integer.MAX_VALUE); // integers in the order of negated numbers
            keys[i] = descending << 32 | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    /** Index of the first probability at which the cumulative one exceeds a bound. */
    private static int quantile(double[] probabilities, int count, double bound) {
        double sum = 0;
        int last = 0;
        for (int i = 0; i < count; i++) {
            sum += probabilities[i];
            if (probabilities[i] > 0) {
                last = i; // rounding may leave the sum just below the bound: then the last possible token
            }
            if (sum > bound) {
                return i;
            }
        }
        return last;
    }
}
