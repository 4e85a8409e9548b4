package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.rlvr4j.rl.TrainerRun.WHOLE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.KlCov;
import org.rlvr4j.tensor.Tensor;

/** Mini-batches that are learned in shards. */
class ShardsTest {

    private static final Method METHOD = Method.Algorithm.GRPO.paper();
    private static final int GROUP = 3;

    /** What learning leaves behind. */
    private record Learned(List<float[]> gradients, List<Double> statistics) {

        void assertSame(Learned other) {
            assertThat(statistics).isEqualTo(other.statistics);
            for (int i = 0; i < gradients.size(); i++) {
                assertThat(gradients.get(i)).isEqualTo(other.gradients.get(i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void gradientIsTheBalancedSumOfTheShards(int count) {
        try (var run = new TrainerRun(1)) {
            Batch batch = batch(run, 5);
            double[] weights = weights(batch);
            List<List<float[]>> parts = new ArrayList<>();
            for (Shards.Shard shard : Shards.of(batch, count)) {
                int from = batch.responses().start(shard.from());
                int to = batch.responses().end(shard.to() - 1);
                Batch alone = batch.slice(shard.from(), shard.to());
                parts.add(learned(run, METHOD, 1, WHOLE, alone, Arrays.copyOfRange(weights, from, to)).gradients);
            }
            while (parts.size() > 1) {
                List<List<float[]>> level = parts;
                parts = IntStream.range(0, level.size() / 2)
                        .mapToObj(i -> sum(level.get(2 * i), level.get(2 * i + 1)))
                        .toList();
            }

            Learned whole = learned(run, METHOD, count, WHOLE, batch, weights);

            for (int i = 0; i < whole.gradients.size(); i++) {
                assertThat(whole.gradients.get(i)).isEqualTo(parts.getFirst().get(i));
            }
            assertThat(whole.statistics).isEqualTo(learned(run, METHOD, 1, WHOLE, batch, weights).statistics);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 37", "2, 1", "4, 37", "4, 1"})
    void neitherThreadsNorTheCutIntoPassesChangeABit(int shards, int microBatchTokens) {
        for (Method method : List.of(METHOD, METHOD.with(new KlCov(0.33, 1)))) {
            Learned expected;
            try (var run = new TrainerRun(1)) {
                Batch batch = batch(run, 5);
                expected = learned(run, method, shards, WHOLE, batch, weights(batch));
            }
            try (var run = new TrainerRun(2)) {
                Batch batch = batch(run, 5);
                learned(run, method, shards, microBatchTokens, batch, weights(batch))
                        .assertSame(expected);
            }
        }
    }

    @Test
    void responsesToAPromptStayTogether() {
        try (var run = new TrainerRun(1)) {
            assertThat(Shards.of(batch(run, 5), 2)).containsExactly(new Shards.Shard(0, 6), new Shards.Shard(6, 15));
            assertThat(Shards.of(batch(run, 5), 4))
                    .containsExactly(
                            new Shards.Shard(0, 3),
                            new Shards.Shard(3, 6),
                            new Shards.Shard(6, 9),
                            new Shards.Shard(9, 15));
        }
    }

    @Test
    void shardsWithoutAGroupAddNothing() {
        try (var run = new TrainerRun(1)) {
            Batch batch = batch(run, 1);
            double[] weights = weights(batch);
            assertThat(Shards.of(batch, 4)).last().isEqualTo(new Shards.Shard(0, GROUP));

            learned(run, METHOD, 4, WHOLE, batch, weights).assertSame(learned(run, METHOD, 1, WHOLE, batch, weights));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -2, 3, 12})
    void numberMustBeAPowerOfTwo(int count) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shards.requireCount(count))
                .withMessage("gradientShards must be a power of two, not " + count);
    }

    private static Learned learned(
            TrainerRun run, Method method, int shards, int microBatchTokens, Batch batch, double[] weights) {
        var learner = new LocalLearner(run.model, null, method.loss(), microBatchTokens, 1, true, shards);
        PolicyStatistics statistics = learner.learn(batch, weights, new Draws(1));
        return new Learned(
                run.model.parameters().tensors().values().stream()
                        .map(ShardsTest::gradient)
                        .toList(),
                List.of(statistics.loss(), statistics.ppoKl(), statistics.entropy(), statistics.clippedLowShare()));
    }

    private static float[] gradient(Tensor tensor) {
        var numbers = new float[Math.toIntExact(tensor.shape().size())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) tensor.grad().get(tensor.index(i / tensor.cols(), i % tensor.cols()));
        }
        return numbers;
    }

    private static List<float[]> sum(List<float[]> a, List<float[]> b) {
        return IntStream.range(0, a.size())
                .mapToObj(i -> {
                    var sum = new float[a.get(i).length];
                    for (int n = 0; n < sum.length; n++) {
                        sum[n] = a.get(i)[n] + b.get(i)[n];
                    }
                    return sum;
                })
                .toList();
    }

    /** Groups of three responses by the model itself, the first of which has advantage 1 and the last none. */
    private static Batch batch(TrainerRun run, int groups) {
        List<Prompt> prompts = IntStream.range(0, groups)
                .mapToObj(g -> new Prompt(
                        g, IntStream.range(0, 2 + g).map(t -> 1 + (t + g) % 9).toArray()))
                .toList();
        try (var generator = new BatchGenerator(run.model, 5)) {
            List<Completion> completions = generator.generate(prompts, new Sampling(GROUP, 1, 0, 1, 12, 1)).stream()
                    .flatMap(List::stream)
                    .toList();
            double[] advantages = Stream.generate(() -> new double[] {1, -1, 0})
                    .limit(groups)
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            return new Batch(completions, advantages);
        }
    }

    private static double[] weights(Batch batch) {
        var weights = new double[batch.responses().total()];
        Arrays.setAll(weights, t -> 1.0 / (weights.length + t));
        return weights;
    }
}
