package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.rl.filter.AllGroups;
import org.rlvr4j.rl.filter.AllResponses;
import org.rlvr4j.rl.filter.Band;
import org.rlvr4j.rl.filter.Best;
import org.rlvr4j.rl.filter.Contrast;
import org.rlvr4j.rl.filter.Curriculum;
import org.rlvr4j.rl.filter.Finished;
import org.rlvr4j.rl.filter.ResponseFilter.Use;
import org.rlvr4j.rl.reward.Outcome;
import org.rlvr4j.rl.reward.OverlongShaping;
import org.rlvr4j.rl.reward.StopProperly;
import org.rlvr4j.rl.reward.VerdictReward;
import org.rlvr4j.rl.reward.Visit;
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

    @Test
    void bandKeepsGroupsOfWhichSomeButNotMostAreRight() {
        var band = new Band(0.25, 0.75);

        assertThat(band.keeps(new double[] {1, 0, 0, 0})).isFalse(); // the bounds are excluded
        assertThat(band.keeps(new double[] {1, 1, 0, 0})).isTrue();
        assertThat(band.keeps(new double[] {1, 1, 1, 0})).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Band(0.5, 0.5))
                .withMessageContaining("low below high, not 0.5 and 0.5");
    }

    @Test
    void rewardOfATruncatedResponseIsScaledIfItMustStopProperly() {
        var shaping = new StopProperly(0.25);

        assertThat(shaping.shaped(1, 8, true)).isEqualTo(0.25);
        assertThat(shaping.shaped(1, 8, false)).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StopProperly(2))
                .withMessage("truncatedFactor must be from 0 to 1, not 2.0");
    }

    @Test
    void partsOfARewardAddUpToIt() {
        var reward = new WeightedParts(Map.of("number", 2.0, "own", -0.5));
        Verdict verdict = Verdict.of(true).with(Map.of("number", 1.0, "own.style", 0.25, "own.size", 0.5));

        assertThat(reward.parts(verdict))
                .containsOnly(
                        Map.entry("number", new Outcome.Part(2, 1)), Map.entry("own", new Outcome.Part(-0.5, 0.75)));
        assertThat(VerdictReward.BINARY.parts(Verdict.of(false)))
                .containsOnly(Map.entry("reward", new Outcome.Part(1, -1)));
    }

    @Test
    void problemsWithoutContrastRest() {
        var curriculum = new Curriculum(3);

        assertThat(curriculum.restAfter(Visit.of("p", 1, 1))).isEqualTo(3);
        assertThat(curriculum.restAfter(Visit.of("p", 0, 0))).isEqualTo(3);
        assertThat(curriculum.restAfter(Visit.of("p", 1, 0))).isZero();
        assertThat(Curriculum.NONE.restAfter(Visit.of("p", 1, 1))).isZero();
    }

    @Test
    void responsesAreChosenByLengthByRewardPerTokenOrByTheirEnd() {
        var visit = new Visit(
                "p", List.of(outcome(1, 8, false), outcome(0, 2, false), outcome(1, 4, true), outcome(-1, 2, false)));

        assertThat(new AllResponses().of(visit)).containsOnly(Use.LEARNED);
        assertThat(new Finished().of(visit)).containsExactly(Use.LEARNED, Use.LEARNED, Use.COMPARED, Use.LEARNED);
        assertThat(new Best(Best.Order.SHORTEST, 0.5).of(visit))
                .containsExactly(Use.DROPPED, Use.LEARNED, Use.DROPPED, Use.LEARNED);
        assertThat(new Best(Best.Order.TOKEN_EFFICIENCY, 0.5).of(visit))
                .containsExactly(Use.LEARNED, Use.DROPPED, Use.LEARNED, Use.DROPPED);
        assertThat(new Best(Best.Order.SHORTEST, 0.1).of(visit)).hasSize(4).contains(Use.LEARNED, Use.LEARNED);
    }

    private static Outcome outcome(double reward, int length, boolean truncated) {
        return new Outcome(reward, Map.of(), length, reward > 0, truncated);
    }
}
