package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;

class EstimateTest {

    @Test
    void intervalIsStudentsForTheGivenNumberOfValues() {
        Estimate estimate = Estimate.of(1, 2, 3);

        // The standard deviation is 1; the table's t for 2 degrees of freedom and 95 % is 4.303.
        assertThat(estimate.mean()).isEqualTo(2);
        assertThat(estimate.margin().orElseThrow()).isCloseTo(4.303 / Math.sqrt(3), offset(1e-3));
        assertThat(estimate.count()).isEqualTo(3);
    }

    @Test
    void singleValueHasNoInterval() {
        assertThat(Estimate.of(0.5).margin()).isEmpty();
        assertThat(Estimate.of(0.5).percent()).isEqualTo("50.0 (n=1)");
    }

    @Test
    void equalValuesHaveAnIntervalOfNoWidth() {
        assertThat(Estimate.of(1, 1, 1).percent()).isEqualTo("100.0 ± 0.0");
    }

    @Test
    void percentagesHaveOneDecimal() {
        assertThat(Estimate.of(0, 1, 1, 1).percent()).isEqualTo("75.0 ± 79.6"); // 3.182 * 0.5 / 2
    }

    @Test
    void differencesHaveTheirSign() {
        assertThat(Estimate.of(0, -0.5).percentagePoints(1)).isEqualTo("-25.0 ± 317.7"); // 12.706 * 0.25
        assertThat(Estimate.of(0.00125).percentagePoints(3)).isEqualTo("+0.125 (n=1)");
    }

    @Test
    void noValuesAndValuesThatAreNotFiniteAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(Estimate::of)
                .withMessage("there are no values to take the mean of");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Estimate.of(0, Double.NaN))
                .withMessage("there is no mean of a value that is NaN");
    }
}
