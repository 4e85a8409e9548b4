package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.vector.VectorBackend;

/** A model with the layers of Qwen2.5-0.5B is run in few task graphs, with the same bits. */
class ChainsOnDeviceTest {

    private static final int LAYERS = 24;
    private static final int LEARNED = 12; // tokens or micro-batches after which chains are in use
    private static final List<Prompt> PROMPTS =
            List.of(new Prompt(0, new int[] {1, 2, 3}), new Prompt(1, new int[] {4, 5, 6, 7}));
    private static final int[] LENGTHS = {1, 7, 70, 23};

    @Test
    void tokenTakesFewTaskGraphs() {
        List<List<int[]>> expected;
        try (var cpu = new VectorBackend(1);
                TestModel test = TestModel.of(cpu, LAYERS, false);
                var generator = new BatchGenerator(test.model(), 32, List.of())) {
            expected = List.of(tokens(generator, LEARNED), tokens(generator, 20), tokens(generator, 40));
        }
        TornadoBackend device = TestDevice.backend();
        try (TestModel test = TestModel.of(device, LAYERS, false);
                var generator = new BatchGenerator(test.model(), 32, List.of())) {
            List<int[]> first = tokens(generator, LEARNED);
            Transfers start = device.transfers();
            List<int[]> second = tokens(generator, 20);
            Transfers middle = device.transfers();
            List<int[]> third = tokens(generator, 40);
            Transfers end = device.transfers();

            assertThat(List.of(first, second, third)).usingRecursiveComparison().isEqualTo(expected);
            double executes =
                    (end.since(middle).executes() - middle.since(start).executes()) / 20.0;
            double launches =
                    (end.since(middle).launches() - middle.since(start).launches()) / 20.0;
            System.out.printf(
                    "A token on %s: %.1f launches in %.1f task graphs%n", TestDevice.NAME, launches, executes);
            assertThat(launches).isGreaterThan(17 * LAYERS);
            assertThat(executes).isLessThanOrEqualTo(30);
        }
    }

    private static List<int[]> tokens(BatchGenerator generator, int count) {
        return generator.generate(PROMPTS, Sampling.plain(2, count, 1)).stream()
                .flatMap(List::stream)
                .map(Completion::tokens)
                .toList();
    }

    @Test
    void microBatchTakesFewTaskGraphs() {
        Map<String, float[]> expected;
        try (var cpu = new VectorBackend(1);
                TestModel test = TestModel.of(cpu, LAYERS, false)) {
            IntStream.range(0, LEARNED + 2).forEach(_ -> backward(test));
            expected = gradients(test);
        }
        TornadoBackend device = TestDevice.backend();
        try (TestModel test = TestModel.of(device, LAYERS, false)) {
            Transfers first = microBatch(device, test);
            IntStream.range(0, LEARNED).forEach(_ -> backward(test));
            Transfers last = microBatch(device, test);

            System.out.printf(
                    "A micro-batch on %s: %d launches in %d task graphs, at first in %d%n",
                    TestDevice.NAME, last.launches(), last.executes(), first.executes());
            assertThat(last.executes()).isLessThan(last.launches() / 6);
            assertThat(gradients(test)).usingRecursiveComparison().isEqualTo(expected);
        }
    }

    private static Transfers microBatch(TornadoBackend device, TestModel test) {
        Transfers before = device.transfers();
        backward(test);
        return device.transfers().since(before);
    }

    private static void backward(TestModel test) {
        var segments = Segments.ofLengths(LENGTHS);
        int[] tokens = IntStream.range(0, segments.total())
                .map(t -> (t * 11 + 5) % TestModel.VOCABULARY)
                .toArray();
        int[] rows = IntStream.range(0, segments.count())
                .flatMap(s -> IntStream.range(segments.start(s), segments.end(s) - 1))
                .toArray();
        Tensor out = test.model().logProb(tokens, rows, segments, 0.7);
        Autograd.backward(out.column(0).times(-1).plus(out.column(1).times(0.3)).sum());
        test.workspace().release();
    }

    private static Map<String, float[]> gradients(TestModel test) {
        test.model().parameters().mergeRows();
        var gradients = new TreeMap<String, float[]>();
        test.model().parameters().tensors().forEach((name, weight) -> {
            var numbers = new float[Math.toIntExact(weight.data().length())];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) weight.grad().get(i);
            }
            gradients.put(name, numbers);
        });
        return gradients;
    }
}
