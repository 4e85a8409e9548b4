package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.rlvr4j.rl.weight.MaxLengthMean;
import org.rlvr4j.rl.weight.OnlyTokenMean;
import org.rlvr4j.rl.weight.ScaledOnlyTokenMean;
import org.rlvr4j.rl.weight.SequenceMean;
import org.rlvr4j.rl.weight.SequenceMeanTokenSum;
import org.rlvr4j.rl.weight.TokenMean;
import org.rlvr4j.rl.weight.TokenSum;
import org.rlvr4j.rl.weight.TokenSumByMaxLength;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.Segments;

class WeightTest {

    private static final Segments RESPONSES = Segments.ofLengths(1, 0, 3); // the second wrote nothing
    private static final Weight.Totals WHOLE = Weight.Totals.of(RESPONSES, 8);

    @Test
    void sequenceMeanGivesEveryResponseTheSame() {
        assertThat(new SequenceMean().of(RESPONSES, WHOLE)).containsExactly(1 / 2.0, 1 / 6.0, 1 / 6.0, 1 / 6.0);
    }

    @Test
    void tokenMeanGivesEveryTokenTheSame() {
        assertThat(new TokenMean().of(RESPONSES, WHOLE)).containsOnly(1 / 4.0);
    }

    @Test
    void onlyTokenMeanIsAMeanOverTokensAndASumOverResponses() {
        assertThat(new OnlyTokenMean().of(RESPONSES, WHOLE)).containsExactly(1, 1 / 3.0, 1 / 3.0, 1 / 3.0);
    }

    @Test
    void scaledOnlyTokenMeanIsSequenceMeanToTheLastBit() {
        assertThat(new ScaledOnlyTokenMean().of(RESPONSES, WHOLE))
                .containsExactly(new SequenceMean().of(RESPONSES, WHOLE));
    }

    @Test
    void tokenSumsDivideByResponsesOrByTheLongestLengthOrByBothOrByNothing() {
        assertThat(new SequenceMeanTokenSum().of(RESPONSES, WHOLE)).containsOnly(1 / 2.0);
        assertThat(new TokenSumByMaxLength().of(RESPONSES, WHOLE)).containsOnly(1 / 8.0);
        assertThat(new MaxLengthMean().of(RESPONSES, WHOLE)).containsOnly(1 / 16.0); // two responses with tokens
        assertThat(new TokenSum().of(RESPONSES, WHOLE)).containsOnly(1);
    }
}
