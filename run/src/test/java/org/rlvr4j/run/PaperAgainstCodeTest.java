package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.advantage.GroupNormalized;
import org.rlvr4j.rl.advantage.Smooth;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.SequenceRatio;
import org.rlvr4j.rl.reward.VerdictReward;
import org.rlvr4j.rl.weight.ScaledOnlyTokenMean;
import org.rlvr4j.rl.weight.SequenceMeanTokenSum;
import org.rlvr4j.rl.weight.TokenSum;
import org.rlvr4j.run.config.RunConfig;

/** The settings that docs/paper-vs-code.md names, as they are written in YAML. */
class PaperAgainstCodeTest {

    private static final Path CONFIG = Path.of("configs/tiny.yaml");

    @Test
    void presetChoosesBetweenPaperAndScript() {
        for (Algorithm algorithm : Algorithm.values()) {
            assertThat(method(algorithm, "PAPER", "")).isEqualTo(algorithm.paper());
            if (algorithm.hasScript()) {
                assertThat(method(algorithm, "SCRIPT", "")).isEqualTo(algorithm.script());
            }
        }
        assertThat(method(Algorithm.DCPO, "README_ZH", "").weight()).isEqualTo(new SequenceMeanTokenSum());
        assertThat(method(Algorithm.DCPO, "SCRIPT_BEFORE_2025_12", "").weight()).isEqualTo(new TokenSum());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> method(Algorithm.RLOO, "SCRIPT", ""))
                .withMessageContaining(
                        "there is no script of RLOO among those published with DCPO; use the preset PAPER");
    }

    @Test
    void singleChoicesCanBeChanged() {
        assertThat(method(Algorithm.DCPO, "PAPER", "WEIGHT: ONLY_TOKEN_MEAN_SCALED")
                        .weight())
                .isEqualTo(new ScaledOnlyTokenMean());
        assertThat(method(Algorithm.GRPO, "SCRIPT", "KL: DCPO").loss().kl()).isEqualTo(KlPenalty.NONE);
        assertThat(method(Algorithm.GRPO, "SCRIPT", "REWARD: TERNARY").reward()).isEqualTo(VerdictReward.TERNARY);
        assertThat(method(Algorithm.GRPO, "SCRIPT", "CLIP: DCPO").loss().clipping())
                .isEqualTo(new Clipping(new AdaptiveClip(0.2, 0.28, 10), 10));
        assertThat(method(Algorithm.GRPO, "SCRIPT", "RATIO: GSPO").loss().ratio())
                .isEqualTo(new MicroBatchRatio(SequenceRatio.LOG_MEAN_LIMIT));
    }

    @Test
    void eitherStandardDeviationCanBeChosenAlsoOfAdvantagesTakenFromElsewhere() {
        assertThat(method(Algorithm.GRPO, "PAPER", "DDOF: \"0\"").advantage()).isEqualTo(new GroupNormalized(0, true));
        assertThat(method(Algorithm.GRPO, "PAPER", "DDOF: \"0\", ADVANTAGE: DCPO")
                        .advantage())
                .isEqualTo(new Smooth(0, true, true));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> method(Algorithm.GRPO, "PAPER", "DDOF: \"2\""))
                .withMessageContaining("DDOF can be one of [0, 1, GRPO, DAPO, GSPO, DCPO, ")
                .withMessageEndingWith("], not 2");
    }

    @Test
    void miniBatchesAndWarmUpAreSettingsOfTraining() {
        RunConfig.Training training = read(
                        "training.promptsPerStep=512",
                        "training.updatesPerStep=16",
                        "training.warmupSteps=10",
                        "training.zeroStart=true")
                .training();

        assertThat(training.promptsPerStep() / training.updatesPerStep()).isEqualTo(32);
        assertThat(Wiring.settings(training, 1).learningRate().at(0)).isZero();
    }

    private static Method method(Algorithm algorithm, String preset, String change) {
        String choice = "{name: m, algorithm: %s, preset: %s, change: {%s}}".formatted(algorithm, preset, change);
        return read("methods=[" + choice + "]").methods().getFirst().method();
    }

    private static RunConfig read(String... settings) {
        return RunConfig.read(CONFIG, List.of(), List.of(settings));
    }
}
