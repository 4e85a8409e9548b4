package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.rlvr4j.rl.Method.Algorithm;

/** The table of where the papers and the published scripts differ. */
class MethodTest {

    @Test
    void papersCompareAllMethodsWithTheThreeValuedRewardButTheScriptsGiveItToDcpoAlone() {
        for (Algorithm algorithm : Algorithm.values()) {
            assertThat(algorithm.paper().reward()).isEqualTo(RewardScheme.TERNARY);
            assertThat(algorithm.script().reward())
                    .isEqualTo(algorithm == Algorithm.DCPO ? RewardScheme.TERNARY : RewardScheme.BINARY);
        }
    }

    @Test
    void paperDcpoRemembersRewardsAndTheScriptForgetsThem() {
        assertThat(Algorithm.DCPO.paper().advantage()).isEqualTo(new Advantage.Smooth(1, true, true));
        assertThat(Algorithm.DCPO.script().advantage()).isEqualTo(new Advantage.Smooth(1, true, false));
    }

    @Test
    void dcpoScriptClipsWiderThanItsPaper() {
        assertThat(Algorithm.DCPO.paper().loss().clip()).isEqualTo(new Clip.Adaptive(0.16, 0.2, 10));
        assertThat(Algorithm.DCPO.script().loss().clip()).isEqualTo(new Clip.Adaptive(0.2, 0.28, 10));
    }

    @Test
    void dcpoScriptAveragesOverAllTokensInsteadOfSumsOfMeans() {
        assertThat(Algorithm.DCPO.paper().weight()).isEqualTo(Weight.ONLY_TOKEN_MEAN);
        assertThat(Algorithm.DCPO.script().weight()).isEqualTo(Weight.TOKEN_MEAN);
    }

    @Test
    void gspoScriptSharesOneRatioAcrossTheMicroBatch() {
        assertThat(Algorithm.GSPO.paper().loss().ratio()).isEqualTo(PolicyLoss.Ratio.SEQUENCE);
        assertThat(Algorithm.GSPO.script().loss().ratio()).isEqualTo(PolicyLoss.Ratio.MICRO_BATCH);
    }

    @Test
    void onlyTheScriptsOfGrpoAndGspoPenaliseDivergence() {
        for (Algorithm algorithm : Algorithm.values()) {
            boolean penalised = algorithm == Algorithm.GRPO || algorithm == Algorithm.GSPO;
            assertThat(algorithm.paper().loss().kl()).isEqualTo(KlPenalty.NONE);
            assertThat(algorithm.script().loss().kl())
                    .isEqualTo(penalised ? new KlPenalty(KlPenalty.Estimator.K3, 0.001) : KlPenalty.NONE);
        }
    }

    @Test
    void dapoScriptNeverFeelsItsOverlongPenalty() {
        assertThat(Algorithm.DAPO.paper().overlong().penalty(2816)).isEqualTo(-0.5);
        assertThat(Algorithm.DAPO.script().overlong().penalty(3072)).isZero();
    }

    @Test
    void anAblationChangesOneChoice() {
        Method grpo = Algorithm.GRPO.paper();
        Method dcpo = Algorithm.DCPO.paper();

        Method composed = grpo.with(dcpo.advantage())
                .with(dcpo.weight())
                .with(grpo.loss().with(dcpo.loss().clip(), dcpo.loss().dualClip()));

        assertThat(composed).isEqualTo(dcpo); // GRPO with SAS, OTM and DAC
    }
}
