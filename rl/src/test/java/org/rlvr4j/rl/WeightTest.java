package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.rlvr4j.tensor.Segments;

class WeightTest {

    private static final Segments RESPONSES = Segments.ofLengths(1, 0, 3); // the second wrote nothing
    private static final Weight.Totals WHOLE = Weight.Totals.of(RESPONSES, 8);

    @Test
    void sequenceMeanGivesEveryResponseTheSame() {
        assertThat(Weight.SEQUENCE_MEAN.of(RESPONSES, WHOLE)).containsExactly(1 / 2.0, 1 / 6.0, 1 / 6.0, 1 / 6.0);
    }

    @Test
    void tokenMeanGivesEveryTokenTheSame() {
        assertThat(Weight.TOKEN_MEAN.of(RESPONSES, WHOLE)).containsOnly(1 / 4.0);
    }

    @Test
    void onlyTokenMeanIsAMeanOverTokensAndASumOverResponses() {
        assertThat(Weight.ONLY_TOKEN_MEAN.of(RESPONSES, WHOLE)).containsExactly(1, 1 / 3.0, 1 / 3.0, 1 / 3.0);
    }

    @Test
    void scaledOnlyTokenMeanIsSequenceMeanToTheLastBit() {
        assertThat(Weight.ONLY_TOKEN_MEAN_SCALED.of(RESPONSES, WHOLE))
                .containsExactly(Weight.SEQUENCE_MEAN.of(RESPONSES, WHOLE));
    }

    @Test
    void tokenSumsDivideByResponsesOrByTheLongestLength() {
        assertThat(Weight.SEQUENCE_MEAN_TOKEN_SUM.of(RESPONSES, WHOLE)).containsOnly(1 / 2.0);
        assertThat(Weight.TOKEN_SUM_NORM.of(RESPONSES, WHOLE)).containsOnly(1 / 8.0);
    }
}
