package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.rl.filter.AllGroups;
import org.rlvr4j.rl.filter.Contrast;
import org.rlvr4j.rl.reward.OverlongShaping;
import org.rlvr4j.rl.reward.VerdictReward;
import org.rlvr4j.rl.reward.WeightedParts;

class RewardTest {

    @ParameterizedTest
    @CsvSource({"TERNARY, 1, 0, -1", "BINARY, 1, -1, -1", "ZERO_ONE, 1, 0, 0"})
    void schemesDifferInWhatAWrongAnswerAndNoAnswerAreWorth(
            VerdictReward scheme, double correct, double wrong, double unanswered) {
        assertThat(scheme.of(Verdict.of(true))).isEqualTo(correct);
        assertThat(scheme.of(Verdict.of(false))).isEqualTo(wrong);
        assertThat(scheme.of(Verdict.unanswered())).isEqualTo(unanswered);
    }

    @Test
    void weightedPartsAreAddedUp() {
        var reward = new WeightedParts(Map.of("number", 2.0, "own", -0.5));

        assertThat(reward.of(Verdict.of(true).with(Map.of("number", 1.0, "own.style", 0.25, "own.size", 0.5))))
                .isEqualTo(2 - 0.5 * 0.25 - 0.5 * 0.5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reward.of(Verdict.of(true).with(Map.of("other", 1.0))))
                .withMessage("the part other of a verdict has no weight");
        assertThatIllegalArgumentException().isThrownBy(() -> reward.of(Verdict.of(true)));
    }

    @Test
    void punishmentFallsInAStraightLineOverTheBufferAndNoFurther() {
        var shaping = new OverlongShaping(3072, 512, 1);

        assertThat(shaping.penalty(2560)).isZero();
        assertThat(shaping.penalty(2816)).isEqualTo(-0.5);
        assertThat(shaping.penalty(3072)).isEqualTo(-1);
        assertThat(shaping.penalty(9999)).isEqualTo(-1);
        assertThat(OverlongShaping.NONE.penalty(9999)).isZero();
    }

    @Test
    void bufferLongerThanTheResponseIsRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OverlongShaping(32, 512, 1))
                .withMessageContaining("512");
    }

    @Test
    void contrastFilterDropsGroupsThatAreAllRightOrAllWrong() {
        assertThat(new Contrast().keeps(new double[] {1, 1})).isFalse();
        assertThat(new Contrast().keeps(new double[] {0, 0, 0})).isFalse();
        assertThat(new Contrast().keeps(new double[] {0, 1, 0})).isTrue();
        assertThat(new Contrast().keeps(new double[] {0})).isTrue();
        assertThat(new AllGroups().keeps(new double[] {1, 1})).isTrue();
    }
}
