package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.GroupNormalized;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.advantage.Smooth;

class AdvantageTest {

    private static final Advantage GROUP = new GroupNormalized(1, true);
    private static final Advantage SMOOTH = new Smooth(1, true, true);

    private final RewardHistory history = new RewardHistory();

    @Test
    void groupAdvantagesAddUpToNothing() {
        double[] advantages = GROUP.of("a", new double[] {1, -1, 0, 1}, history);

        assertThat(advantages[0] + advantages[1] + advantages[2] + advantages[3])
                .isCloseTo(0, within(1e-12));
    }

    @Test
    void equalRewardsTeachNothingOnAFirstVisitEvenIfTheyAreNotExactInBinary() {
        double[] rewards = {-0.1, -0.1, -0.1, -0.1, -0.1, -0.1};

        assertThat(GROUP.of("a", rewards, history)).containsOnly(0.0);
        assertThat(SMOOTH.of("a", rewards, history)).containsOnly(0.0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.7, 0.1, -0.3, -1.0 / 3, 1 - 37 / 512.0, 1e-3, 1e15 / 3})
    void equalRewardsTeachNothingAtAnyVisitWhateverTheirValue(double reward) {
        for (int size : new int[] {2, 5, 7, 16}) {
            double[] rewards = new double[size];
            Arrays.fill(rewards, reward);
            for (int visit = 0; visit < 40; visit++) {
                assertThat(SMOOTH.of("group of " + size, rewards, history)).containsOnly(0.0);
            }
        }
    }

    @Test
    void populationDeviationIsSelectable() {
        double[] advantages = new GroupNormalized(0, true).of("a", new double[] {1, -1}, history);

        assertThat(advantages[0]).isCloseTo(1, within(1e-5)); // mean 0, population deviation 1
    }

    @Test
    void withoutDeviationTheAdvantageIsTheDistanceFromTheMean() {
        double[] advantages = new GroupNormalized(1, false).of("a", new double[] {1, 0, 0, 0}, history);

        assertThat(advantages).containsExactly(0.75, -0.25, -0.25, -0.25);
    }

    @Test
    void smoothLearnsFromEqualRewardsOnceAPromptHasHadTwoDifferentOnes() {
        SMOOTH.of("a", new double[] {1, -1}, history);

        double[] second = SMOOTH.of("a", new double[] {1, 1}, history);

        // mean (0 + 1) / 2, variance (2 + 0 + 1/2 * 1) / 2 = 5/4; half of 0.5 / sqrt(5/4)
        assertThat(second[0]).isCloseTo(0.25 / Math.sqrt(1.25), within(1e-12));
    }

    @Test
    void smoothKeepsPromptsApart() {
        SMOOTH.of("a", new double[] {1, -1}, history);

        assertThat(SMOOTH.of("b", new double[] {1, 1}, history)).containsOnly(0.0);
    }

    @Test
    void smoothWithoutMemoryIsPlainStandardisationAtEveryVisit() {
        var script = new Smooth(1, true, false);
        double[] rewards = {1, 0, 0, -1, 1};
        double[] first = script.of("a", rewards, history);
        script.of("a", new double[] {1, 1}, history);

        assertThat(script.of("a", rewards, history)).containsExactly(first);
        assertThat(history.entries()).isEmpty();
    }

    @Test
    void restoredHistoryGoesOnWhereItWasSaved() {
        SMOOTH.of("a", new double[] {1, -1, 0}, history);
        var restored = new RewardHistory(history.entries());

        double[] rewards = {1, 1, -1};
        assertThat(SMOOTH.of("a", rewards, restored)).containsExactly(SMOOTH.of("a", rewards, history));
        assertThat(restored.entries()).isEqualTo(history.entries());
    }

    @Test
    void savedEntriesDoNotChangeWithLaterVisits() {
        SMOOTH.of("a", new double[] {1, -1}, history);
        var saved = history.entries();

        SMOOTH.of("a", new double[] {1, 1}, history);

        assertThat(saved.get("a")).isEqualTo(new RewardHistory.Statistics(0, Math.sqrt(2), 1));
    }

    @Test
    void smoothRejectsAGroupOfOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SMOOTH.of("sum-7", new double[] {1}, history))
                .withMessageContaining("sum-7")
                .withMessageContaining("not 1");
    }
}
