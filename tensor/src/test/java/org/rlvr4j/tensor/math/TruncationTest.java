package org.rlvr4j.tensor.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TruncationTest {

    private static final double HALF_LSE = Math.log(2); // two tokens of logit 0

    @Test
    void mostLikelyTokensAreDrawnInTheirOrderAndEqualOnesInThatOfTheirIds() {
        float[] row = {0, 1, 3, 1, 2}; // in their order: 2, 4, 1, 3, 0
        double lse = lse(row);

        assertThat(new Truncation(1, 1).draw(row, 5, lse, 0.999)).isEqualTo(2);
        assertThat(new Truncation(3, 1).draw(row, 5, lse, 0)).isEqualTo(2);
        assertThat(new Truncation(3, 1).draw(row, 5, lse, 0.7)).isEqualTo(4);
        assertThat(new Truncation(3, 1).draw(row, 5, lse, 0.999)).isEqualTo(1);
        assertThat(new Truncation(4, 1).draw(row, 5, lse, 0.999)).isEqualTo(3);
        assertThat(new Truncation(9, 1).draw(row, 5, lse, 0.999)).isEqualTo(0);
    }

    @Test
    void topPTakesTheTokensThatReachItOfThoseOfTopK() {
        float[] row = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.2)};

        assertThat(new Truncation(0, 0.49).draw(row, 3, 0, 0.999)).isEqualTo(0);
        assertThat(new Truncation(0, 0.79).draw(row, 3, 0, 0.999)).isEqualTo(1);
        assertThat(new Truncation(0, 0.81).draw(row, 3, 0, 0.999)).isEqualTo(2);
        assertThat(new Truncation(2, 0.62).draw(row, 3, 0, 0.999)).isEqualTo(0); // of 0.8
        assertThat(new Truncation(2, 0.63).draw(row, 3, 0, 0.999)).isEqualTo(1);
    }

    @Test
    void drawThatDependsOnTokensThatAreNotGivenSaysSo() {
        float[] likely = {0};

        assertThat(new Truncation(0, 0.49).draw(likely, 2, HALF_LSE, 0.5)).isZero();
        assertThat(new Truncation(0, 0.51).draw(likely, 2, HALF_LSE, 0.5)).isEqualTo(Truncation.MORE);
        assertThat(new Truncation(1, 0.51).draw(likely, 2, HALF_LSE, 0.5)).isZero();
        assertThat(new Truncation(2, 0.1).draw(likely, 2, HALF_LSE, 0.5)).isEqualTo(Truncation.MORE);
        assertThat(new Truncation(0, 0.1).draw(new float[0], 2, HALF_LSE, 0.5)).isEqualTo(Truncation.MORE);
    }

    @Test
    void notANumberIsTheLeastLikely() {
        float[] row = {Float.NaN, -0f, 0, Float.NEGATIVE_INFINITY};

        assertThat(new Truncation(1, 1).draw(row, 4, HALF_LSE, 0.5)).isEqualTo(2);
        assertThat(new Truncation(2, 1).draw(row, 4, HALF_LSE, 0.75)).isEqualTo(1);
    }

    /** The rule as it was written first, for top-k: by comparing boxed tokens. */
    @Test
    void tokensOfTopKAreThoseOfAStableSortByProbability() {
        var random = new SplittableRandom(1);
        for (int run = 0; run < 300; run++) {
            var row = new float[200];
            for (int i = 0; i < row.length; i++) {
                row[i] = run % 2 == 0 ? random.nextInt(-5, 5) : 8 * random.nextFloat();
            }
            double lse = lse(row);
            var truncation = new Truncation(random.nextInt(1, 220), 1 - random.nextDouble());
            double uniform = random.nextDouble();

            int expected = drawnByStableSort(row, lse, truncation, uniform);

            assertThat(truncation.draw(row, row.length, lse, uniform)).isEqualTo(expected);
            assertThat(truncation.drawFromRow(row, lse, uniform)).isEqualTo(expected);
        }
    }

    private static int drawnByStableSort(float[] row, double lse, Truncation truncation, double uniform) {
        int[] tokens = IntStream.range(0, row.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -row[i]))
                .mapToInt(i -> i)
                .limit(truncation.topK())
                .toArray();
        double[] p = Arrays.stream(tokens)
                .mapToDouble(i -> StrictMath.exp(row[i] - lse))
                .toArray();
        double mass = Arrays.stream(p).sum();
        double sum = 0;
        int nucleus = 0;
        while (nucleus < p.length && sum < truncation.topP() * mass) {
            sum += p[nucleus++];
        }
        double below = 0;
        for (int i = 0; i < nucleus; i++) {
            below += p[i];
            if (below > uniform * sum) {
                return tokens[i];
            }
        }
        return tokens[nucleus - 1];
    }

    private static double lse(float[] row) {
        return Math.log(IntStream.range(0, row.length)
                .mapToDouble(i -> Math.exp(row[i]))
                .sum());
    }
}
