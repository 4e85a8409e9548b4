package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlvr4j.rl.TrainerRun.WHOLE;
import static org.rlvr4j.rl.TrainerRun.answer;
import static org.rlvr4j.rl.TrainerRun.settings;
import static org.rlvr4j.rl.TrainerRun.weights;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.gate.ClipCov;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.KlCov;
import org.rlvr4j.rl.gate.OffPolicyMask;
import org.rlvr4j.rl.gate.OpenGate;
import org.rlvr4j.rl.gate.TopEntropy;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Tensor;

/** What training promises whatever the method: the same bits, ratios of exactly 1, and no step that is not finite. */
class TrainerInvariantsTest {

    private static final Lora LORA = new Lora(2, 4, List.of("q_proj", "v_proj", "down_proj"), 6);

    /** What a run leaves behind. */
    private record Outcome(List<StepMetrics> metrics, String weights) {}

    @ParameterizedTest(name = "{0}")
    @MethodSource("methods")
    void weightsAndMetricsDependNeitherOnThreadsNorOnTheCut(String name, Method method) {
        Outcome expected = train(method, 1, WHOLE);

        assertThat(expected.metrics).hasSize(2).allMatch(step -> step.gradNorm() > 0);
        assertThat(train(method, 2, 37)).isEqualTo(expected);
        assertThat(train(method, 1, 1)).isEqualTo(expected);
    }

    /** All but the ratio of a micro-batch, which depends on the cut by its definition. */
    static Stream<Arguments> methods() {
        Stream<Arguments> gates = Stream.of(
                Arguments.of("CLIP_COV of any sign", gated(new ClipCov(0.3, -9, 9))),
                Arguments.of("KL_COV of a third", gated(new KlCov(0.33, 1))),
                Arguments.of("OFF_POLICY at 0", gated(new OffPolicyMask(0))));
        Stream<Arguments> all = Methods.all().entrySet().stream()
                .filter(it -> !it.getValue().loss().ratio().dependsOnMicroBatches())
                .map(it -> Arguments.of(it.getKey(), it.getValue()));
        return Stream.concat(all, gates);
    }

    @Test
    void gatesChangeWhatIsLearned() {
        Outcome open = train(gated(new OpenGate()), 1, WHOLE);

        assertThat(Stream.of(new ClipCov(0.3, -9, 9), new KlCov(0.33, 1), new OffPolicyMask(0), new TopEntropy(0.2)))
                .allSatisfy(gate -> assertThat(train(gated(gate), 1, WHOLE).weights)
                        .as("%s", gate)
                        .isNotEqualTo(open.weights));
    }

    private static Method gated(Gate gate) {
        return Algorithm.GRPO.paper().with(gate);
    }

    @Test
    void computingLayersAgainChangesNoBit() {
        Method method = Algorithm.GRPO.script(); // which looks at a reference model

        assertThat(train(method, new TrainerRun(1, true), 37))
                .isEqualTo(train(method, new TrainerRun(2, false), WHOLE));
    }

    @Test
    void adaptersAreTrainedToTheSameBitsAndTheirModelWithoutThemIsTheReference() {
        Method method = Algorithm.GRPO.script();
        Outcome expected = trainAdapters(method, new TrainerRun(1, false, LORA), WHOLE);

        assertThat(expected.metrics).allMatch(step -> step.gradNorm() > 0);
        assertThat(trainAdapters(method, new TrainerRun(2, true, LORA), 37)).isEqualTo(expected);
        try (var run = new TrainerRun(1, false, LORA)) {
            assertThat(expected.weights).isNotEqualTo(weights(run.model));
        }
    }

    /** All that need no reference policy. */
    static Stream<Arguments> free() {
        return methods().filter(it -> ((Method) it.get()[1]).loss().kl().coefficient() == 0);
    }

    private static Outcome trainAdapters(Method method, TrainerRun run, int microBatchTokens) {
        try (run) {
            Decoder base = run.model.base().orElseThrow();
            String frozen = weights(base);
            try (Trainer trainer = run.trainer(method, settings(2, microBatchTokens, 1), base)) {
                List<StepMetrics> metrics =
                        List.of(trainer.step().metrics(), trainer.step().metrics());
                assertThat(weights(base)).isEqualTo(frozen);
                return new Outcome(metrics, weights(run.model));
            }
        }
    }

    @Test
    void computingLayersAgainChangesNoBitOfSupervisedLearning() {
        assertThat(teach(new TrainerRun(1, true))).isEqualTo(teach(new TrainerRun(2, false)));
    }

    private static Outcome teach(TrainerRun run) {
        var demonstrations = List.of(
                answer(new Prompt(1, new int[] {3, 4, 5}), 0, true), answer(new Prompt(2, new int[] {6}), 0, false));
        try (run;
                var trainer = new SupervisedTrainer(
                        run.model, LearningRate.constant(1e-2, 0, false), AdamW.withDecay(0.01), 1)) {
            for (int step = 0; step < 3; step++) {
                assertThat(trainer.step(demonstrations)).isPositive();
            }
            return new Outcome(List.of(), weights(run.model));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("free")
    void ratiosOfTheFirstMiniBatchAreExactlyOne(String name, Method method) {
        try (var run = new TrainerRun(2);
                Trainer trainer = run.trainer(method, settings(1, WHOLE, 0.7), null)) {
            for (StepMetrics step :
                    List.of(trainer.step().metrics(), trainer.step().metrics())) {
                assertThat(step.ppoKl()).isZero();
                assertThat(step.tcr()).isZero();
                assertThat(step.dualClipped()).isZero();
                assertThat(step.gradNorm()).isPositive();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("free")
    void trainerThatGoesOnFromAStateIsTheOneThatWasNeverInterrupted(String name, Method method) {
        TrainerSettings settings = settings(2, WHOLE, 1);
        try (var run = new TrainerRun(1);
                var other = new TrainerRun(2);
                Trainer trainer = run.trainer(method, settings, null);
                Trainer resumed = other.trainer(method, settings, null)) {
            for (int step = 1; step <= 3; step++) { // past the end of the first epoch
                trainer.step();
            }
            other.model.parameters().weights().copyFrom(run.model.parameters().weights());
            copy(trainer.optimizer().means(), resumed.optimizer().means());
            copy(trainer.optimizer().meanSquares(), resumed.optimizer().meanSquares());
            resumed.resume(trainer.state());

            for (int step = 4; step <= 5; step++) {
                assertThat(resumed.step().metrics()).isEqualTo(trainer.step().metrics());
            }
            assertThat(weights(other.model)).isEqualTo(weights(run.model));
            assertThat(resumed.state()).isEqualTo(trainer.state());
        }
    }

    private static void copy(Map<String, Tensor> from, Map<String, Tensor> to) {
        assertThat(to.keySet()).isEqualTo(from.keySet());
        from.forEach(
                (name, tensor) -> Objects.requireNonNull(to.get(name)).data().copyFrom(tensor.data()));
    }

    @Test
    void laterMiniBatchesAreOffPolicy() {
        try (var run = new TrainerRun(1);
                Trainer trainer = run.trainer(Algorithm.GRPO.paper(), settings(2, WHOLE, 1), null)) {
            assertThat(trainer.step().metrics().ppoKl()).isNotZero();
        }
    }

    @Test
    void updateThatIsNotFiniteIsSkippedAndTooManyEndTheRun() {
        try (var run = new TrainerRun(1);
                Trainer trainer = run.trainer(Algorithm.GRPO.paper(), settings(1, WHOLE, 1), null)) {
            var poison = run.model.parameters().get("model.layers.1.mlp.up_proj.weight");
            trainer.step();
            poison.data().set(3, Double.NaN);
            String before = weights(run.model);

            Trainer.Step skipped = trainer.step();
            assertThat(skipped.metrics().skipped()).isEqualTo(1);
            assertThat(skipped.obstacles()).singleElement().asString().startsWith("step 2: the gradient of model.");
            assertThat(weights(run.model)).isEqualTo(before);

            assertThat(trainer.step().metrics().skipped()).isEqualTo(1);
            assertThatThrownBy(trainer::step)
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageContaining("step 4: the gradient of model.")
                    .hasMessageContaining("is not finite")
                    .hasMessageContaining("prompts 12 to 15")
                    .hasMessageEndingWith("3 updates in a row were not made");
            assertThat(weights(run.model)).isEqualTo(before);
        }
    }

    @Test
    void finiteUpdateForgivesTheSkippedOnes() {
        try (var run = new TrainerRun(1);
                Trainer trainer = run.trainer(Algorithm.GRPO.paper(), settings(1, WHOLE, 1), null)) {
            var poison = run.model.parameters().get("model.norm.weight");

            for (int round = 0; round < 2; round++) {
                double healthy = poison.get(0);
                poison.data().set(0, Double.POSITIVE_INFINITY);
                assertThat(List.of(trainer.step().metrics(), trainer.step().metrics()))
                        .allMatch(step -> step.skipped() == 1);
                poison.data().set(0, healthy);
                assertThat(trainer.step().metrics().skipped()).isZero();
            }
        }
    }

    @Test
    void penaltyNeedsAReferenceAndCostsNothingWhereThePolicyIsTheReference() {
        Method script = Algorithm.GRPO.script();
        Method free = script.with(script.loss().with(KlPenalty.NONE));
        try (var run = new TrainerRun(1);
                var same = new TrainerRun(1)) {
            assertThatThrownBy(() -> run.trainer(script, settings(1, WHOLE, 1), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a KL penalty needs a reference policy");

            try (Decoder reference = Decoder.frozen(run.model.config(), run.workspace);
                    Trainer trainer = run.trainer(script, settings(1, 37, 1), reference);
                    Trainer unpunished = same.trainer(free, settings(1, 37, 1), null)) {
                reference.parameters().weights().copyFrom(run.model.parameters().weights());

                assertThat(trainer.step().metrics().loss())
                        .isEqualTo(unpunished.step().metrics().loss());
                assertThat(weights(run.model)).isEqualTo(weights(same.model));
                assertThat(trainer.step().metrics().loss())
                        .isGreaterThan(unpunished.step().metrics().loss());
            }
        }
    }

    /** Two steps of two updates each, from the same start. */
    private static Outcome train(Method method, int threads, int microBatchTokens) {
        return train(method, new TrainerRun(threads), microBatchTokens);
    }

    private static Outcome train(Method method, TrainerRun run, int microBatchTokens) {
        try (run;
                Decoder reference = Decoder.frozen(run.model.config(), run.workspace);
                Trainer trainer = run.trainer(method, settings(2, microBatchTokens, 1), reference)) {
            reference.parameters().weights().copyFrom(run.model.parameters().weights());
            List<StepMetrics> metrics =
                    List.of(trainer.step().metrics(), trainer.step().metrics());
            return new Outcome(metrics, weights(run.model));
        }
    }
}
