package org.rlvr4j.tensor.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TruncationTest {

    private static final float INFINITY = Float.POSITIVE_INFINITY;

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 1", "5, 0.7", "0, 0.2", "0, 0.9", "0, 0.9999999", "90, 0.5", "200, 0.99"})
    void aRowIsDrawnFromAsTransformersDoes(int topK, double topP) {
        var truncation = new Truncation(topK, topP);
        float[] row = row(100);
        double lse = lse(row);
        for (double uniform = 0; uniform < 1; uniform += 0.01) {
            assertThat(truncation.draw(row, row.length, lse, uniform))
                    .as("uniform %s", uniform)
                    .isEqualTo(plain(row, topK, topP, lse, uniform))
                    .isEqualTo(truncation.drawFromRow(row, lse, uniform));
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "5, 0.7", "0, 0.2", "0, 0.9"})
    void tokensAboveABoundGiveTheRowsTokenOrAskForMore(int topK, double topP) {
        var truncation = new Truncation(topK, topP);
        float[] row = row(100);
        double lse = lse(row);
        int more = 0;
        for (double bound = -3; bound < 4; bound += 0.25) {
            double least = bound;
            int[] ids =
                    IntStream.range(0, row.length).filter(i -> row[i] >= least).toArray();
            var logits = new float[ids.length];
            for (int i = 0; i < ids.length; i++) {
                logits[i] = row[ids[i]];
            }
            int drawn = truncation.draw(logits, row.length, lse, 0.8);
            if (drawn == Truncation.MORE) {
                more++;
            } else {
                assertThat(ids[drawn]).isEqualTo(truncation.draw(row, row.length, lse, 0.8));
            }
        }
        assertThat(more).isPositive().isLessThan(28);
    }

    @Test
    void ofEqualTokensTheFirstAreLeft() {
        float[] equal = {0, 0, -INFINITY, 0, 0};
        var two = new Truncation(2, 1);

        assertThat(two.draw(equal, 5, Math.log(4), 0.49)).isZero();
        assertThat(two.draw(equal, 5, Math.log(4), 0.51)).isOne();
        assertThat(new Truncation(0, 0.74).draw(equal, 5, Math.log(4), 0.999)).isEqualTo(3);
    }

    /** The definition: all tokens in order, the first k, and of these the first that reach the share. */
    private static int plain(float[] row, int topK, double topP, double lse, double uniform) {
        List<Integer> order = IntStream.range(0, row.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -row[i]))
                .limit(topK == 0 ? row.length : topK)
                .toList();
        double all = order.stream().mapToDouble(i -> Math.exp(row[i] - lse)).sum();
        double nucleus = 0;
        int count = 0;
        while (count < order.size() && nucleus < topP * all) {
            nucleus += Math.exp(row[order.get(count++)] - lse);
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(row[order.get(i)] - lse);
            if (sum > uniform * nucleus) {
                return order.get(i);
            }
        }
        return order.get(count - 1);
    }

    private static float[] row(int V) {
        var random = new SplittableRandom(7);
        var row = new float[V];
        for (int i = 0; i < V; i++) {
            row[i] = (float) Math.rint(8 * (random.nextDouble() * 6 - 3)) / 8; // many are equal
        }
        return row;
    }

    private static double lse(float[] row) {
        double sum = 0;
        for (float logit : row) {
            sum += Math.exp(logit);
        }
        return Math.log(sum);
    }
}
