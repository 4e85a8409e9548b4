package org.rlvr4j.run.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MayDifferTest {

    private static final String CUT = "training.microBatchTokens";

    @Test
    void settingsThatChangeNoResultAreMarkedOnTheirComponents() {
        assertThat(MayDiffer.Settings.of(RunConfig.class, false))
                .containsExactlyInAnyOrder(
                        "output",
                        "threads",
                        "variants",
                        "training.steps",
                        CUT,
                        "training.recompute",
                        "training.maxSequences",
                        "training.saveEverySteps",
                        "training.keepCheckpoints",
                        "training.resultType",
                        "evaluation.maxSequences");
    }

    @Test
    void ofSupervisedLearningTheyAreTheseSettings() {
        assertThat(MayDiffer.Settings.of(SupervisedConfig.class, false))
                .containsExactlyInAnyOrder(
                        "output",
                        "threads",
                        "variants",
                        CUT,
                        "recompute",
                        "saveEverySteps",
                        "keepCheckpoints",
                        "resultType");
    }

    @Test
    void cutCountsWhereTheRatioIsThatOfAMicroBatch() {
        assertThat(MayDiffer.Settings.of(RunConfig.class, true))
                .doesNotContain(CUT)
                .contains("training.steps");
    }
}
