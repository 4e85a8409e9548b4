package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;

/** Log-probabilities on a device in blocks of a few rows have the bits of those in one block. */
class LogitBlocksTest {

    private static final int T = 11;
    private static final int C = 5;
    private static final int V = 1300;

    private final TornadoBackend backend = TestDevice.backend();
    private final DeviceMemory memory = (DeviceMemory) backend.memory();
    private final TensorArena arena = new TensorArena(DType.F32, memory);
    private final Workspace workspace = new Workspace(backend, DType.F32);
    private final Tensor x = Tensor.constant(workspace, new Shape(T, C), random(T * C, 1));
    private final Tensor w = Tensor.constant(
            workspace, new Shape(V, C), Layout.PANELS, random(Math.toIntExact(Panels.size(new Shape(V, C))), 2));
    private final int[] targets = new SplittableRandom(3).ints(T, 0, V).toArray();
    private final Buffer dout = random(2 * T, 4);

    /** Results of the forward and of the backward pass. */
    private record Results(Buffer lse, Buffer out, Buffer dx, Buffer dw) {}

    @Test
    void blocksOfAFewRowsHaveTheBitsOfOneBlock() {
        Results expected = results(T * V);
        for (int mostLogits : new int[] {1, V, 4 * V}) {
            Results actual = results(mostLogits);

            assertThat(bits(actual.lse)).isEqualTo(bits(expected.lse));
            assertThat(bits(actual.out)).isEqualTo(bits(expected.out));
            assertThat(bits(actual.dx)).isEqualTo(bits(expected.dx));
            assertThat(bits(actual.dw)).isEqualTo(bits(expected.dw));
        }
        arena.close();
    }

    /** Memory of activations in two arrays, of which only pieces smaller than all logits are left. */
    @Test
    void blocksFitIntoThePiecesThatAreSureToBeFound() {
        int count = 1500;
        int words = 2000;
        var bytes = new EnumMap<Role, Long>(Role.class);
        bytes.put(Role.WEIGHTS, 1L << 20);
        bytes.put(Role.TABLES, 20L << 20);
        bytes.put(Role.ACTIVATIONS, 30L << 20);
        List<TensorArena> pieces = new ArrayList<>();
        try (TornadoBackend divided = TestDevice.open(new DevicePlan(bytes), 24L << 20)) {
            DeviceMemory ofDivided = divided.deviceMemory();
            while (longest(ofDivided) > 1 << 20) {
                var piece = new TensorArena(DType.F32, ofDivided);
                piece.allocate(1 << 20);
                pieces.add(piece);
            }
            for (int i = 0; i < pieces.size(); i += 2) {
                pieces.get(i).close();
            }
            assertThat(longest(ofDivided)).isLessThan((long) count * words);
            assertThat(ofDivided.largestBlock(Role.ACTIVATIONS)).isEqualTo(3 << 20);

            assertThat(logProbs(divided, count, words)).isEqualTo(logProbs(backend, count, words));
            for (int i = 1; i < pieces.size(); i += 2) {
                pieces.get(i).close();
            }
        }
    }

    private static long longest(DeviceMemory memory) {
        return memory.banks().of(List.of(Role.ACTIVATIONS)).stream()
                .mapToLong(bank -> bank.free().longest())
                .max()
                .orElseThrow();
    }

    private static float[] logProbs(TornadoBackend backend, int count, int words) {
        try (var numbers = new TensorArena(DType.F32, backend.memory())) {
            var workspace = new Workspace(backend, DType.F32);
            Tensor x = Tensor.constant(workspace, new Shape(count, C), random(numbers.allocate((long) count * C), 1));
            var shape = new Shape(words, C);
            Tensor w =
                    Tensor.constant(workspace, shape, Layout.PANELS, random(numbers.allocate(Panels.size(shape)), 2));
            Tensor lse = Tensor.constant(workspace, new Shape(count, 1), numbers.zeros(count));
            int[] targets = new SplittableRandom(3).ints(count, 0, words).toArray();
            Buffer out = numbers.zeros(2L * count);
            backend.logProb(new LogProb(x, w, lse, targets, 0.7, null), out);
            return bits(out);
        }
    }

    /** The other lists wait for the same queue. */
    @Test
    void backendsListsAreSentThoughOthersAreThereToo() {
        Results expected = results(T * V);
        Buffer out = arena.zeros(2L * T);
        Tensor lse = Tensor.constant(workspace, new Shape(T, 1), arena.zeros(T));

        backend.logProb(new LogProb(x, w, lse, targets, 0.7, null), out);

        assertThat(bits(out)).isEqualTo(bits(expected.out));
        arena.close();
    }

    private Results results(int mostLogits) {
        try (Arena ofLists = memory.open(Role.TABLES);
                var scratch = new TensorArena(DType.F32, memory)) {
            var tokens = new TornadoTokens(
                    memory, new Lists(memory, ofLists), scratch, new TornadoLinear(memory), mostLogits);
            Buffer dw = random(Math.toIntExact(w.data().length()), 6);
            var results = new Results(arena.zeros(T), arena.zeros(2L * T), random(T * C, 5), dw);
            Tensor lse = Tensor.constant(workspace, new Shape(T, 1), results.lse);
            var op = new LogProb(x, w, lse, targets, 0.7, null);
            tokens.logProb(op, results.out);
            tokens.logProbBackward(op, results.out, dout, results.dx, new Accumulator(dw, true));
            tokens.close();
            return results;
        }
    }

    private Buffer random(int n, long seed) {
        return random(arena.allocate(n), seed);
    }

    private static Buffer random(Buffer buffer, long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < buffer.length(); i++) {
            buffer.set(i, random.nextDouble(-1, 1));
        }
        return buffer;
    }

    private static float[] bits(Buffer buffer) {
        return TornadoElements.numbers(buffer);
    }
}
