package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.data.SumProblems;
import org.rlvr4j.model.BatchGenerator;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Generator;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.QwenConfig;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.VectorBackend;
import org.rlvr4j.tensor.Workspace;

/** What training promises whatever the method: the same bits, ratios of exactly 1, and no step that is not finite. */
class TrainerInvariantsTest {

    private static final String ALPHABET = "0123456789+=;x"; // the last is the stop token
    private static final int STOP = ALPHABET.length() - 1;
    private static final int WHOLE = 1_000_000; // micro-batch tokens that no mini-batch has
    private static final Lora LORA = new Lora(2, 4, List.of("q_proj", "v_proj", "down_proj"), 6);

    /** What a run leaves behind. */
    private record Outcome(List<StepMetrics> metrics, String weights) {}

    @ParameterizedTest
    @EnumSource
    void weightsAndMetricsDependNeitherOnThreadsNorOnTheCut(Algorithm algorithm) {
        Outcome expected = train(algorithm.paper(), 1, WHOLE);

        assertThat(expected.metrics).hasSize(2).allMatch(step -> step.gradNorm() > 0);
        assertThat(train(algorithm.paper(), 2, 37)).isEqualTo(expected);
        assertThat(train(algorithm.paper(), 1, 1)).isEqualTo(expected);
    }

    @Test
    void computingLayersAgainChangesNoBit() {
        Method method = Algorithm.GRPO.script(); // which looks at a reference model

        assertThat(train(method, new Run(1, true), 37)).isEqualTo(train(method, new Run(2, false), WHOLE));
    }

    @Test
    void adaptersAreTrainedToTheSameBitsAndTheirModelWithoutThemIsTheReference() {
        Method method = Algorithm.GRPO.script();
        Outcome expected = trainAdapters(method, new Run(1, false, LORA), WHOLE);

        assertThat(expected.metrics).allMatch(step -> step.gradNorm() > 0);
        assertThat(trainAdapters(method, new Run(2, true, LORA), 37)).isEqualTo(expected);
        try (var run = new Run(1, false, LORA)) {
            assertThat(expected.weights).isNotEqualTo(weights(run.model));
        }
    }

    private static Outcome trainAdapters(Method method, Run run, int microBatchTokens) {
        try (run) {
            Qwen2 base = run.model.base().orElseThrow();
            String frozen = weights(base);
            try (Trainer trainer = run.trainer(method, settings(2, microBatchTokens, 1), base)) {
                List<StepMetrics> metrics = List.of(trainer.step(), trainer.step());
                assertThat(weights(base)).isEqualTo(frozen);
                return new Outcome(metrics, weights(run.model));
            }
        }
    }

    @Test
    void computingLayersAgainChangesNoBitOfSupervisedLearning() {
        assertThat(teach(new Run(1, true))).isEqualTo(teach(new Run(2, false)));
    }

    private static Outcome teach(Run run) {
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

    @ParameterizedTest
    @EnumSource
    void ratiosOfTheFirstMiniBatchAreExactlyOne(Algorithm algorithm) {
        try (var run = new Run(2);
                Trainer trainer = run.trainer(algorithm.paper(), settings(1, WHOLE, 0.7), null)) {
            for (StepMetrics step : List.of(trainer.step(), trainer.step())) {
                assertThat(step.ppoKl()).isZero();
                assertThat(step.tcr()).isZero();
                assertThat(step.dualClipped()).isZero();
                assertThat(step.gradNorm()).isPositive();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void trainerThatGoesOnFromAStateIsTheOneThatWasNeverInterrupted(Algorithm algorithm) {
        TrainerSettings settings = settings(2, WHOLE, 1);
        try (var run = new Run(1);
                var other = new Run(2);
                Trainer trainer = run.trainer(algorithm.paper(), settings, null);
                Trainer resumed = other.trainer(algorithm.paper(), settings, null)) {
            for (int step = 1; step <= 3; step++) { // past the end of the first epoch
                trainer.step();
            }
            other.model.parameters().weights().copyFrom(run.model.parameters().weights());
            copy(trainer.optimizer().means(), resumed.optimizer().means());
            copy(trainer.optimizer().meanSquares(), resumed.optimizer().meanSquares());
            resumed.resume(trainer.state());

            for (int step = 4; step <= 5; step++) {
                assertThat(resumed.step()).isEqualTo(trainer.step());
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
        try (var run = new Run(1);
                Trainer trainer = run.trainer(Algorithm.GRPO.paper(), settings(2, WHOLE, 1), null)) {
            assertThat(trainer.step().ppoKl()).isNotZero();
        }
    }

    @Test
    void updateThatIsNotFiniteIsSkippedAndTooManyEndTheRun() {
        try (var run = new Run(1);
                Trainer trainer = run.trainer(Algorithm.GRPO.paper(), settings(1, WHOLE, 1), null)) {
            var poison = run.model.parameters().get("model.layers.1.mlp.up_proj.weight");
            trainer.step();
            poison.data().set(3, Double.NaN);
            String before = weights(run.model);

            StepMetrics skipped = trainer.step();
            assertThat(skipped.skipped()).isEqualTo(1);
            assertThat(trainer.obstacles()).singleElement().asString().startsWith("step 2: the gradient of model.");
            assertThat(weights(run.model)).isEqualTo(before);

            assertThat(trainer.step().skipped()).isEqualTo(1);
            assertThatThrownBy(trainer::step)
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageContaining("step 4: the gradient of model.")
                    .hasMessageContaining("is not finite")
                    .hasMessageContaining("prompts 12 to 15")
                    .hasMessageEndingWith("lower training.learningRate or training.maxGradNorm");
            assertThat(weights(run.model)).isEqualTo(before);
        }
    }

    @Test
    void finiteUpdateForgivesTheSkippedOnes() {
        try (var run = new Run(1);
                Trainer trainer = run.trainer(Algorithm.GRPO.paper(), settings(1, WHOLE, 1), null)) {
            var poison = run.model.parameters().get("model.norm.weight");

            for (int round = 0; round < 2; round++) {
                double healthy = poison.get(0);
                poison.data().set(0, Double.POSITIVE_INFINITY);
                assertThat(List.of(trainer.step(), trainer.step())).allMatch(step -> step.skipped() == 1);
                poison.data().set(0, healthy);
                assertThat(trainer.step().skipped()).isZero();
            }
        }
    }

    @Test
    void contrastFilterGeneratesUntilAStepIsFull() {
        try (var run = new Run(1)) {
            Method method = Algorithm.DAPO.paper();
            var encoded = new ArrayList<String>();
            Generator everyThird = (prompts, sampling) -> {
                var all = new ArrayList<List<Completion>>();
                for (Prompt prompt : prompts) {
                    boolean contrast = encoded.size() % 3 == 2; // one right and one wrong, otherwise both wrong
                    encoded.add(prompt.toString());
                    all.add(List.of(answer(prompt, 0, contrast), answer(prompt, 1, false)));
                }
                return all;
            };
            var rollout = new Rollout(
                    everyThird,
                    TrainerInvariantsTest::encode,
                    tokens -> tokens[0] == 1 ? "\\boxed{1}" : "\\boxed{0}",
                    new ProblemOrder(problemsWithAnswer("1"), 3),
                    method);
            try (var trainer = new Trainer(run.model, null, rollout, method, settings(1, WHOLE, 1), () -> 0)) {
                StepMetrics step = trainer.step();

                assertThat(step.generatedResponses()).isEqualTo(24); // three rounds of four groups of two for four kept
                assertThat(step.rur()).isEqualTo(8.0 / 24);
                assertThat(step.accuracy()).isEqualTo(4.0 / 24);
            }
        }
    }

    @Test
    void contrastFilterGivesUpOnProblemsWithoutContrast() {
        try (var run = new Run(1)) {
            Generator wrong = (prompts, sampling) -> prompts.stream()
                    .map(prompt -> List.of(answer(prompt, 0, false), answer(prompt, 1, false)))
                    .toList();
            var rollout = new Rollout(
                    wrong,
                    TrainerInvariantsTest::encode,
                    tokens -> "\\boxed{0}",
                    new ProblemOrder(problemsWithAnswer("1"), 3),
                    Algorithm.DAPO.paper());
            var settings = settings(1, WHOLE, 1);
            try (var trainer = new Trainer(run.model, null, rollout, Algorithm.DAPO.paper(), settings, () -> 0)) {
                assertThatThrownBy(trainer::step)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("only 0 of 4 groups");
            }
        }
    }

    @Test
    void penaltyNeedsAReferenceAndCostsNothingWhereThePolicyIsTheReference() {
        Method script = Algorithm.GRPO.script();
        Method free = script.with(script.loss().with(KlPenalty.NONE));
        try (var run = new Run(1);
                var same = new Run(1)) {
            assertThatThrownBy(() -> run.trainer(script, settings(1, WHOLE, 1), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a KL penalty needs a reference policy");

            try (Qwen2 reference = Qwen2.frozen(run.model.config(), run.workspace);
                    Trainer trainer = run.trainer(script, settings(1, 37, 1), reference);
                    Trainer unpunished = same.trainer(free, settings(1, 37, 1), null)) {
                reference.parameters().weights().copyFrom(run.model.parameters().weights());

                assertThat(trainer.step().loss()).isEqualTo(unpunished.step().loss());
                assertThat(weights(run.model)).isEqualTo(weights(same.model));
                assertThat(trainer.step().loss())
                        .isGreaterThan(unpunished.step().loss());
            }
        }
    }

    /** Two steps of two updates each, from the same start. */
    private static Outcome train(Method method, int threads, int microBatchTokens) {
        return train(method, new Run(threads), microBatchTokens);
    }

    private static Outcome train(Method method, Run run, int microBatchTokens) {
        try (run;
                Qwen2 reference = Qwen2.frozen(run.model.config(), run.workspace);
                Trainer trainer = run.trainer(method, settings(2, microBatchTokens, 1), reference)) {
            reference.parameters().weights().copyFrom(run.model.parameters().weights());
            List<StepMetrics> metrics = List.of(trainer.step(), trainer.step());
            return new Outcome(metrics, weights(run.model));
        }
    }

    /** A backend and a model of its own. */
    static final class Run implements AutoCloseable {

        private final VectorBackend backend;
        private final Workspace workspace;
        private final Qwen2 model;
        private final BatchGenerator generator;

        Run(int threads) {
            this(threads, false);
        }

        Run(int threads, boolean recompute) {
            this(threads, recompute, null);
        }

        Run(int threads, boolean recompute, @Nullable Lora lora) {
            this.backend = new VectorBackend(threads);
            this.workspace = new Workspace(backend, DType.F32, recompute);
            this.model = lora == null ? model(workspace) : frozen(workspace).adapted(lora, true);
            this.generator = new BatchGenerator(model, 5);
        }

        Trainer trainer(Method method, TrainerSettings settings, @Nullable Qwen2 reference) {
            var rollout = new Rollout(
                    generator,
                    TrainerInvariantsTest::encode,
                    TrainerInvariantsTest::boxedByLuck,
                    new ProblemOrder(problemsWithAnswer("1"), 3),
                    method);
            return new Trainer(model, reference, rollout, method, settings, () -> 0);
        }

        @Override
        public void close() {
            generator.close();
            model.close();
            workspace.close();
            backend.close();
        }
    }

    static TrainerSettings settings(int updatesPerStep, int microBatchTokens, double temperature) {
        return new TrainerSettings(
                4,
                2 * updatesPerStep,
                updatesPerStep,
                microBatchTokens,
                12,
                temperature,
                LearningRate.constant(1e-2, 0, false),
                AdamW.withDecay(0.01),
                1,
                2,
                5);
    }

    private static Qwen2 model(Workspace workspace) {
        var config = new QwenConfig(
                QwenConfig.Architecture.QWEN2,
                16,
                24,
                2,
                2,
                1,
                8,
                1e-6,
                10_000,
                ALPHABET.length(),
                true,
                64,
                List.of(STOP),
                null,
                null);
        return Qwen2.random(config, workspace, 4);
    }

    private static Qwen2 frozen(Workspace workspace) {
        try (Qwen2 model = model(workspace)) {
            Qwen2 frozen = Qwen2.frozen(model.config(), workspace);
            frozen.parameters().weights().copyFrom(model.parameters().weights());
            return frozen;
        }
    }

    private static List<Problem> problemsWithAnswer(String answer) {
        Collection<Problem> sums = SumProblems.STANDARD.generate(8, 1, List.of());
        return sums.stream()
                .map(sum -> new Problem(sum.id(), sum.source(), sum.prompt(), List.of(answer)))
                .toList();
    }

    private static int[] encode(Problem problem) {
        return problem.prompt()
                .getFirst()
                .content()
                .chars()
                .map(ALPHABET::indexOf)
                .toArray();
    }

    /** An untrained model is right if its tokens add up to an odd number, and gives no answer if to a multiple of 5. */
    private static String boxedByLuck(int[] tokens) {
        int sum = 0;
        for (int token : tokens) {
            sum += token;
        }
        return sum % 5 == 0 ? "" : "\\boxed{" + sum % 2 + "}";
    }

    private static Completion answer(Prompt prompt, int sample, boolean right) {
        return new Completion(prompt, sample, new int[] {right ? 1 : 0, STOP}, new float[] {-2.5f, -2.5f}, false);
    }

    /** All bits of the weights, as a digest. */
    private static String weights(Qwen2 model) {
        byte[] bytes = model.parameters().weights().segment().toArray(ValueLayout.JAVA_BYTE);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
