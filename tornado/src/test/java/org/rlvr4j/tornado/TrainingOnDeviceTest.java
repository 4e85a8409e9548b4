package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.rl.LocalLearner;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.Rollout;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Training on the device beside the same training on the CPU. */
class TrainingOnDeviceTest {

    private static final int[] LENGTHS = {1, 7, 70, 23};

    @BeforeAll
    static void nameTheDevice() {
        System.out.println("Training is tested on " + TestDevice.NAME);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyGradientIsTheCpus(boolean recompute) {
        requireGradientsOfTheCpu(TestDevice.backend(), recompute);
    }

    @Test
    void everyGradientIsTheCpusIfTensorsAreSpreadOverArrays() {
        requireGradientsOfTheCpu(TestDevice.spread(), false);
    }

    private static void requireGradientsOfTheCpu(Backend backend, boolean recompute) {
        try (var cpu = new VectorBackend(1);
                TestModel expected = TestModel.of(cpu, 2, false);
                TestModel actual = TestModel.of(backend, 2, recompute)) {
            double loss = backward(expected);
            assertThat(backward(actual)).as(TestDevice.NAME).isCloseTo(loss, within(1e-4));

            actual.model().parameters().tensors().forEach((name, weight) -> {
                Buffer gradient = expected.model().parameters().get(name).grad();
                for (long i = 0; i < weight.data().length(); i++) {
                    assertThat(weight.grad().get(i))
                            .as("%s, element %d on %s", name, i, TestDevice.NAME)
                            .isCloseTo(gradient.get(i), within(1e-4));
                }
            });
        }
    }

    /** Of log-probabilities and entropies, over two micro-batches. */
    private static double backward(TestModel test) {
        double sum = 0;
        for (int batch = 0; batch < 2; batch++) {
            var segments = Segments.ofLengths(LENGTHS);
            int shift = batch;
            int[] tokens = IntStream.range(0, segments.total())
                    .map(t -> (t * (11 + shift) + 5) % TestModel.VOCABULARY)
                    .toArray();
            int[] rows = IntStream.range(0, segments.count())
                    .flatMap(s -> IntStream.range(segments.start(s), segments.end(s) - 1))
                    .toArray();
            Tensor out = test.model().logProb(tokens, rows, segments, 0.7);
            Tensor loss = out.column(0).times(-1).plus(out.column(1).times(0.3)).sum();
            sum += loss.get(0);
            Autograd.backward(loss);
            test.workspace().release();
        }
        test.model().parameters().mergeRows();
        return sum;
    }

    @Test
    void twentyStepsTrackTheCpusLoss() {
        try (var cpu = new VectorBackend(1)) {
            double[] expected = losses(cpu);
            double[] actual = losses(TestDevice.backend());

            assertThat(expected[19]).isLessThan(expected[0] - 1);
            assertThat(actual).as(TestDevice.NAME).containsExactly(expected, within(1e-3));
        }
    }

    @Test
    void weightsInSeveralPartsAreTrained() {
        try (var cpu = new VectorBackend(1)) {
            assertThat(losses(TestDevice.spread(), 3)).containsExactly(losses(cpu, 3), within(1e-3));
        }
    }

    private static double[] losses(Backend backend) {
        return losses(backend, 20);
    }

    private static double[] losses(Backend backend, int steps) {
        try (TestModel test = TestModel.of(backend, 2, false);
                var trainer = new SupervisedTrainer(
                        test.model(), LearningRate.constant(1e-2, 0, false), AdamW.withDecay(0.01), 1)) {
            var shown = TestModel.demonstrations(6, 4);
            return IntStream.range(0, steps)
                    .mapToDouble(step -> trainer.step(shown))
                    .toArray();
        }
    }

    @Test
    void rewardRises() {
        try (TestModel test = TestModel.of(TestDevice.backend(), 2, false);
                var generator = new BatchGenerator(test.model(), 32);
                Trainer trainer = trainer(test, generator, 1)) {
            List<StepMetrics> steps = new ArrayList<>();
            for (int step = 0; step < 30; step++) {
                steps.add(trainer.step().metrics());
            }

            double before = meanReward(steps.subList(0, 4));
            double after = meanReward(steps.subList(26, 30));
            System.out.printf("Reward on %s: %.2f, then %.2f%n", TestDevice.NAME, before, after);
            assertThat(after).as(TestDevice.NAME).isGreaterThan(before + 0.5);
        }
    }

    private static double meanReward(List<StepMetrics> steps) {
        return steps.stream().mapToDouble(StepMetrics::reward).average().orElseThrow();
    }

    /** Four prompts with eight responses each, most of whose tokens are to be low. */
    private static Trainer trainer(TestModel test, BatchGenerator generator, int updates) {
        Method method = Method.Algorithm.DCPO.paper();
        var problems = IntStream.range(0, 8)
                .mapToObj(i -> new Problem("p" + i, "test", List.of(new Message("user", "?")), List.of("1")))
                .toList();
        IntFunction<String> judge = low -> low >= 4 ? "\\boxed{1}" : "\\boxed{0}";
        var conversation = new Conversation() {
            @Override
            public int[] prompt(Problem problem) {
                return new int[] {problem.id().charAt(1) - '0', 12, 40};
            }

            @Override
            public String text(int[] tokens) {
                return judge.apply(
                        (int) Arrays.stream(tokens).filter(token -> token < 24).count());
            }
        };
        var rollout = new Rollout(
                new Answering(generator, conversation, new Grader()), new ProblemOrder(problems, 1), method);
        var settings = new TrainerSettings(
                4, 8, updates, 400, 6, 1, 0, 1, LearningRate.constant(3e-3, 0, false), AdamW.withDecay(0), 1, 0, 5);
        var learner = new LocalLearner(test.model(), null, method.loss(), 400, 1);
        return new Trainer(test.model(), learner, rollout, method, settings, () -> 0);
    }

    @Test
    void ratiosOfTheFirstMiniBatchAreOneAlmost() {
        try (TestModel test = TestModel.of(TestDevice.backend(), 2, false);
                var generator = new BatchGenerator(test.model(), 5);
                Trainer trainer = trainer(test, generator, 1)) {
            StepMetrics step = trainer.step().metrics();

            assertThat(step.ppoKl()).as(TestDevice.NAME).isCloseTo(0, within(1e-6));
            assertThat(step.tcr()).as(TestDevice.NAME).isZero();
        }
    }

    @Test
    void whatCrossesTheBusInAStepDoesNotDependOnTheNumberOfLayers() {
        Transfers two = transfersOfAStep(2);
        Transfers five = transfersOfAStep(5);

        System.out.println("A step of 2 layers on " + TestDevice.NAME + ": " + two);
        assertThat(five.launches()).isGreaterThan(2 * two.launches());
        assertThat(five.sent()).isEqualTo(two.sent());
        assertThat(five.sentBytes()).isEqualTo(two.sentBytes());
        assertThat(five.received()).isEqualTo(two.received());
        assertThat(five.receivedBytes()).isEqualTo(two.receivedBytes());
    }

    /** Of the second step, rollout included, of a model that never stops, so that its responses are as long. */
    private static Transfers transfersOfAStep(int layers) {
        try (TestModel test = TestModel.of(TestDevice.backend(), layers, false);
                var generator = new BatchGenerator(test.model(), 32, List.of());
                Trainer trainer = trainer(test, generator, 2)) {
            trainer.step();
            TestDevice.backend().forgetLists();
            Transfers before = TestDevice.backend().transfers();
            trainer.step();
            return TestDevice.backend().transfers().since(before);
        }
    }
}
