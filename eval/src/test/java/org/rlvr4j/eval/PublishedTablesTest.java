package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Averages of DCPO's published tables: what is printed, and what the scores beside it come to. */
class PublishedTablesTest {

    private static final double ROUNDING = 0.051; // of numbers printed with one digit

    /** MATH-500, AMC23, AIME24, AIME25 at Avg@1, printed; then the last three at Avg@32, printed. */
    @ParameterizedTest
    @CsvSource({
        "1.5B base, 73.6, 57.5, 10.0, 3.3, 36.1, 49.4, 10.0, 6.1, 21.8",
        "1.5B GRPO, 77.2, 70.0, 16.7, 20.0, 46.0, 68.4, 14.0, 13.5, 32.0",
        "1.5B DCPO, 77.2, 75.0, 20.0, 16.7, 47.2, 70.8, 15.6, 12.1, 32.8",
        "3B base, 46.4, 27.5, 3.3, 3.3, 20.1, 7.8, 0.1, 0.7, 2.9",
        "7B GRPO, 81.6, 77.5, 36.7, 16.7, 53.1, 75.9, 32.1, 16.7, 41.6",
        "7B DAPO, 83.0, 72.5, 36.7, 23.3, 53.9, 80.7, 31.6, 14.9, 42.4",
        "7B GSPO, 84.0, 80.0, 40.0, 16.7, 55.2, 78.8, 34.9, 16.2, 43.3",
        "14B base, 60.8, 47.5, 3.3, 3.3, 28.7, 16.4, 1.3, 1.1, 6.3",
        "14B DAPO, 83.4, 87.5, 16.7, 20.0, 51.9, 85.1, 16.4, 15.3, 38.9",
        "14B DCPO, 84.6, 85.0, 20.0, 23.3, 53.2, 79.9, 18.2, 19.0, 39.0",
    })
    void mostAveragesComeOut(
            String row, double m, double a, double b, double c, double greedy, double x, double y, double z, double k) {
        assertThat((m + a + b + c) / 4).as(row).isCloseTo(greedy, within(ROUNDING));
        assertThat((x + y + z) / 3).as(row).isCloseTo(k, within(ROUNDING));
    }

    @ParameterizedTest
    @CsvSource({
        "1.5B DAPO Avg@1, 76.0, 80.0, 20.0, 14.4, 46.5, 47.6",
        "1.5B DAPO Avg@32, , 70.6, 13.5, 12.5, 32.4, 32.2",
        "3B GRPO Avg@1, 69.2, 62.5, 10.0, 6.7, 36.3, 37.1",
        "3B GRPO Avg@32, , 51.6, 7.5, 4.5, 21.0, 21.2",
        "3B DAPO Avg@32, , 54.0, 8.3, 3.9, 23.1, 22.07",
        "3B DCPO Avg@1, 71.2, 62.5, 3.3, 10.0, 37.6, 36.75",
        "7B base Avg@1, 50.4, 40.0, 13.3, 3.3, 28.4, 26.75",
        "7B base Avg@32, , 19.5, 6.0, 1.5, 9.3, 9.0",
        "7B DCPO Avg@32, , 79.8, 38.8, 17.2, 45.2, 45.27",
        "14B GSPO Avg@32, , 75.0, 16.0, 9.9, 33.5, 33.63",
        "14B GRPO Avg@32, , 65.6, 17.6, 10.5, 31.3, 31.23",
    })
    void theseDoNot(
            String row,
            @Nullable Double math,
            double amc,
            double aime24,
            double aime25,
            double printed,
            double computed) {
        double sum = amc + aime24 + aime25;
        double average = math == null ? sum / 3 : (math + sum) / 4;

        assertThat(average).as(row).isCloseTo(computed, within(0.005));
        assertThat(Math.abs(average - printed)).as(row).isGreaterThan(ROUNDING);
    }

    @ParameterizedTest
    @CsvSource({"14.4, 30", "82.5, 500", "82.6, 40"})
    void theseScoresAreNoCountOfRightAnswers(double score, int problems) {
        double nearest = Math.round(score / 100 * problems) * 100.0 / problems;

        assertThat(Math.abs(nearest - score)).isGreaterThan(ROUNDING);
    }
}
