package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.rl.Axis;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.config.RunConfig;

/** Every published method, and every kind of every axis, as a line of YAML: two steps of a tiny training. */
class MethodsTest {

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource
    void everyMethodTrainsForTwoSteps(Algorithm algorithm) {
        assertTrains(algorithm.name());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKindOfAnAxisTrainsForTwoSteps(String change) {
        assertTrains("{name: m, algorithm: GRPO, change: {" + change + "}}");
    }

    static Stream<String> kinds() {
        var kinds = new ArrayList<String>();
        for (Axis axis : Axis.values()) {
            Set<String> tags = new LinkedHashSet<>(axis.choices());
            Stream.of(Algorithm.values()).map(Enum::name).forEach(tags::remove);
            tags.forEach(tag -> kinds.add(axis + ": \"" + tag + "\""));
        }
        return kinds.stream();
    }

    @Test
    void groupThatIsTooSmallForAnAdvantageIsRefusedBeforeTheWork() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny("PASS_AT_K", "training.groupSize=4"))
                .withMessageEndingWith(
                        "training.groupSize must be 5 or more for the advantage ANY_OF_K of PASS_AT_K, not 4");
    }

    @Test
    void choicesThatCannotBeCombinedAreRefusedWhateverTheirOrder() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny("{algorithm: DAPO, change: {ADVANTAGE: MAXRL}}"))
                .withMessageContaining("so OVERLONG must be NONE, not SOFT");
        assertThat(tiny("{algorithm: DAPO, change: {ADVANTAGE: MAXRL, OVERLONG: NONE}}")
                        .methods())
                .hasSize(1);
        assertThat(tiny("{algorithm: MAXRL, change: {ADVANTAGE: GROUP, OVERLONG: SOFT}}")
                        .methods())
                .hasSize(1);
    }

    private void assertTrains(String method) {
        var steps = new ArrayList<StepMetrics>();

        Training.of(tiny(method)).rewardedBy("luck", MethodsTest::byLuck).run(new RunListener() {
            @Override
            public void stepped(Name run, Trainer.Step step) {
                steps.add(step.metrics());
            }
        });

        assertThat(steps).hasSize(2).allSatisfy(step -> {
            assertThat(step.loss()).isFinite();
            assertThat(step.skipped()).isZero();
        });
        assertThat(steps).anySatisfy(step -> assertThat(step.gradNorm()).isPositive());
    }

    /** An untrained model is right if its tokens add up to an even number. */
    private static Verdict byLuck(Problem problem, Answer answer) {
        return Verdict.of(Arrays.stream(answer.tokens()).sum() % 2 == 0);
    }

    private RunConfig tiny(String method, String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "output=" + folder,
                "methods=[" + method + "]",
                "seeds=[1]",
                "model.hiddenSize=8",
                "model.mlpSize=8",
                "model.layers=1",
                "model.heads=2",
                "model.keyValueHeads=1",
                "problems.training=8",
                "problems.heldBack=2",
                "problems.demonstrations=50",
                "warmUp=null",
                "training.steps=2",
                "training.promptsPerStep=2",
                "training.groupSize=6",
                "training.updatesPerStep=2",
                "training.maxNewTokens=16",
                "training.saveEverySteps=0",
                "evaluation.samples=1",
                "evaluation.everySteps=0",
                "evaluation.maxNewTokens=4"));
        settings.addAll(List.of(more));
        return RunConfig.read(Path.of("configs/tiny.yaml"), settings.toArray(String[]::new));
    }
}
