package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.rl.Advantage;
import org.rlvr4j.rl.Clip;
import org.rlvr4j.rl.KlPenalty;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.PolicyLoss;
import org.rlvr4j.rl.RewardScheme;
import org.rlvr4j.rl.Weight;

/** The settings that docs/paper-vs-code.md names, as they are written in YAML. */
class PaperAgainstCodeTest {

    private static final Path CONFIG = Path.of("configs/tiny.yaml");

    @Test
    void presetChoosesBetweenPaperAndScript() {
        for (Algorithm algorithm : Algorithm.values()) {
            assertThat(method(algorithm, "PAPER", "")).isEqualTo(algorithm.paper());
            assertThat(method(algorithm, "SCRIPT", "")).isEqualTo(algorithm.script());
        }
    }

    @Test
    void singleChoicesCanBeChanged() {
        assertThat(method(Algorithm.DCPO, "PAPER", "WEIGHT: ONLY_TOKEN_MEAN_SCALED")
                        .weight())
                .isEqualTo(Weight.ONLY_TOKEN_MEAN_SCALED);
        assertThat(method(Algorithm.GRPO, "SCRIPT", "KL: DCPO").loss().kl()).isEqualTo(KlPenalty.NONE);
        assertThat(method(Algorithm.GRPO, "SCRIPT", "REWARD: TERNARY").reward()).isEqualTo(RewardScheme.TERNARY);
        assertThat(method(Algorithm.GRPO, "SCRIPT", "CLIP: DCPO").loss().clip())
                .isEqualTo(new Clip.Adaptive(0.2, 0.28, 10));
        assertThat(method(Algorithm.GRPO, "SCRIPT", "RATIO: GSPO").loss().ratio())
                .isEqualTo(PolicyLoss.Ratio.MICRO_BATCH);
    }

    @Test
    void eitherStandardDeviationCanBeChosenAlsoOfAdvantagesTakenFromElsewhere() {
        assertThat(method(Algorithm.GRPO, "PAPER", "DDOF: \"0\"").advantage())
                .isEqualTo(new Advantage.GroupNormalized(0, true));
        assertThat(method(Algorithm.GRPO, "PAPER", "DDOF: \"0\", ADVANTAGE: DCPO")
                        .advantage())
                .isEqualTo(new Advantage.Smooth(0, true, true));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> method(Algorithm.GRPO, "PAPER", "DDOF: \"2\""))
                .withMessageContaining("DDOF can be one of [0, 1], not 2");
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
        return Configs.read(CONFIG, List.of(settings), RunConfig.class);
    }
}
