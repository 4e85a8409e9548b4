package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.advantage.Smooth;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.SequenceRatio;
import org.rlvr4j.rl.reward.VerdictReward;
import org.rlvr4j.rl.weight.OnlyTokenMean;
import org.rlvr4j.rl.weight.TokenMean;

/** The table of where the papers and the published scripts differ. */
class MethodTest {

    private static final List<Algorithm> SCRIPTED =
            Stream.of(Algorithm.values()).filter(Algorithm::hasScript).toList();

    @Test
    void papersCompareAllMethodsWithTheThreeValuedRewardButTheScriptsGiveItToDcpoAlone() {
        for (Algorithm algorithm : SCRIPTED) {
            assertThat(algorithm.paper().reward()).isEqualTo(VerdictReward.TERNARY);
            assertThat(algorithm.script().reward())
                    .isEqualTo(algorithm == Algorithm.DCPO ? VerdictReward.TERNARY : VerdictReward.BINARY);
        }
    }

    @Test
    void paperDcpoRemembersRewardsAndTheScriptForgetsThem() {
        assertThat(Algorithm.DCPO.paper().advantage()).isEqualTo(new Smooth(1, true, true));
        assertThat(Algorithm.DCPO.script().advantage()).isEqualTo(new Smooth(1, true, false));
    }

    @Test
    void dcpoScriptClipsWiderThanItsPaper() {
        assertThat(Algorithm.DCPO.paper().loss().clipping().clip()).isEqualTo(new AdaptiveClip(0.16, 0.2, 10));
        assertThat(Algorithm.DCPO.script().loss().clipping().clip()).isEqualTo(new AdaptiveClip(0.2, 0.28, 10));
    }

    @Test
    void dcpoScriptAveragesOverAllTokensInsteadOfSumsOfMeans() {
        assertThat(Algorithm.DCPO.paper().weight()).isEqualTo(new OnlyTokenMean());
        assertThat(Algorithm.DCPO.script().weight()).isEqualTo(new TokenMean());
    }

    @Test
    void gspoScriptSharesOneRatioAcrossTheMicroBatch() {
        assertThat(Algorithm.GSPO.paper().loss().ratio()).isEqualTo(new SequenceRatio(SequenceRatio.LOG_MEAN_LIMIT));
        assertThat(Algorithm.GSPO.script().loss().ratio()).isEqualTo(new MicroBatchRatio(SequenceRatio.LOG_MEAN_LIMIT));
    }

    @Test
    void onlyTheScriptsOfGrpoAndGspoPenaliseDivergence() {
        for (Algorithm algorithm : SCRIPTED) {
            boolean penalised = algorithm == Algorithm.GRPO || algorithm == Algorithm.GSPO;
            assertThat(algorithm.paper().loss().kl()).isEqualTo(KlPenalty.NONE);
            assertThat(algorithm.script().loss().kl())
                    .isEqualTo(penalised ? new KlPenalty(KlPenalty.Estimator.K3, 0.001) : KlPenalty.NONE);
        }
    }

    @Test
    void dapoScriptNeverFeelsItsOverlongPenalty() {
        assertThat(Algorithm.DAPO.paper().overlong().shaped(1, 2816, false)).isEqualTo(0.5);
        assertThat(Algorithm.DAPO.script().overlong().shaped(1, 3072, true)).isEqualTo(1);
    }

    @Test
    void anAblationChangesOneChoice() {
        Method grpo = Algorithm.GRPO.paper();
        Method dcpo = Algorithm.DCPO.paper();

        Method composed =
                grpo.with(dcpo.advantage()).with(dcpo.weight()).with(dcpo.loss().clipping());

        assertThat(composed).isEqualTo(dcpo); // GRPO with SAS, OTM and DAC
    }

    @ParameterizedTest
    @EnumSource
    void everyMethodHasAPaperAndAScriptOnlyIfDcposAuthorsPublishedOne(Algorithm algorithm) {
        assertThat(algorithm.arxiv()).matches("2[0-9](0[1-9]|1[0-2])\\.[0-9]{5}");
        assertThat(Preset.PAPER.of(algorithm)).isEqualTo(algorithm.paper());
        if (!algorithm.hasScript()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Preset.SCRIPT.of(algorithm))
                    .withMessage("there is no script of " + algorithm
                            + " among those published with DCPO; use the preset PAPER");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Preset.README_ZH.of(algorithm))
                    .withMessage("DCPO's readme does not describe " + algorithm + "; use the preset PAPER");
        }
    }

    @Test
    void noTwoPublishedMethodsAreTheSame() {
        assertThat(Stream.of(Algorithm.values()).map(Algorithm::paper)).doesNotHaveDuplicates();
    }

    @Test
    void shapingThatCouldHaveNoEffectIsRefused() {
        Method dapo = Algorithm.DAPO.paper();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> dapo.with(Algorithm.MAXRL.paper().advantage()).checked())
                .withMessage(
                        "the advantage MEAN_RELATIVE compares right with wrong responses whatever their rewards, so"
                                + " OVERLONG must be NONE, not SOFT");
    }
}
