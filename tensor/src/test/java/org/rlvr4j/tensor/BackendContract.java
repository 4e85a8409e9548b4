package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.SingleMath;
import org.rlvr4j.tensor.math.Truncation;

/**
 * What every backend must satisfy; a new device gets its tests by implementing one method.
 *
 * <p>Sizes lie around vector widths, tiles and panels.
 */
public interface BackendContract extends AttentionContract {

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "1, 16, 32",
        "5, 7, 33",
        "6, 31, 64",
        "7, 64, 31",
        "13, 300, 40",
        "65, 33, 97",
        "390, 20, 70",
        "40, 520, 600",
        "77, 1700, 70",
        "23, 5200, 40",
        "22, 30, 5200",
        "100, 20, 3000",
        "5200, 20, 40"
    })
    default void linearAndItsGradients(int T, int K, int N) {
        Buffer x = random(T * K, 1);
        Buffer w = panels(N, K, 2);
        Buffer bias = random(N, 3);
        Buffer dy = random(T * N, 4);

        same(K, T * N, (b, y) -> b.linear(x, w, bias, y, T, K, N));
        same(K, T * N, (b, y) -> b.linear(x, w, null, y, T, K, N));
        sameGradient(N, T * K, (b, dx) -> b.linearBackwardInput(dy, w, dx, T, K, N));
        sameGradient(T, () -> panels(N, K, 77), (b, dw) -> b.linearBackwardWeight(dy, x, dw, T, K, N));
        same(T, N, (b, db) -> b.linearBackwardBias(dy, db, T, N));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "1, 900, 480",
        "3, 130, 161",
        "6, 70, 33",
        "7, 64, 31",
        "11, 300, 96",
        "26, 520, 600",
        "23, 5200, 40",
        "70, 100, 97"
    })
    default void linearHasTheSameBitsForAnyRowsAndForWeightsKeptAsBfloat16(int T, int K, int N) {
        Buffer x = random(T * K, 1);
        Buffer halved = bfloats().zeros(Panels.size(new Shape(N, K)));
        Buffer w = arena().zeros(halved.length());
        Buffer bias = random(N, 3);
        var random = new SplittableRandom(2);
        for (int n = 0; n < N; n++) {
            for (int k = 0; k < K; k++) {
                long at = Panels.index(n, k, K, DType.BF16);
                halved.set(at, random.nextDouble(-1, 1));
                w.set(Panels.index(n, k, K), halved.get(at));
            }
        }
        Buffer expected = arena().zeros((long) T * N);
        backend().linear(x, w, bias, expected, T, K, N);
        Buffer actual = arena().zeros((long) T * N);

        backend().linear(x, halved, bias, actual, T, K, N);
        KernelComparison.assertSameBits(actual, expected);

        for (int t = 0; t < T; t++) {
            Buffer row = arena().zeros(N);
            backend().linear(x.slice((long) t * K, K), halved, bias, row, 1, K, N);
            KernelComparison.assertSameBits(row, expected.slice((long) t * N, N));
        }

        Buffer dy = random(T * N, 4);
        Buffer dx = arena().zeros((long) T * K);
        backend().linearBackwardInput(dy, w, new Accumulator(dx, false), T, K, N);
        Buffer dxHalved = arena().zeros((long) T * K);
        backend().linearBackwardInput(dy, halved, new Accumulator(dxHalved, false), T, K, N);
        KernelComparison.assertSameBits(dxHalved, dx);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 16", "5, 17", "33, 64", "2, 896", "130, 33", "57, 1000", "9, 1024", "3, 5000"})
    default void rmsNormAndItsGradients(int T, int C) {
        Tensor x = constant(T, C, 1);
        Tensor w = constant(C, 1, 2);
        Buffer dy = random(T * C, 3);
        Function<Buffer, RmsNorm> norm = rstd -> new RmsNorm(x, w, column(rstd), 1e-6);
        RmsNorm op = norm.apply(arena().zeros(T));
        SCALAR.rmsNorm(op, arena().zeros((long) T * C));

        same(1, T * C, (b, y) -> b.rmsNorm(norm.apply(arena().zeros(T)), y));
        same(1, T, (b, r) -> b.rmsNorm(norm.apply(r), arena().zeros((long) T * C)));
        same(4, T * C, (b, dx) -> b.rmsNormBackward(op, dy, dx, arena().zeros(C)));
        same(T, C, (b, dw) -> b.rmsNormBackward(op, dy, arena().zeros((long) T * C), dw));
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 16", "3, 34", "14, 64"})
    default void ropeAndItsGradient(int heads, int D) {
        int[] positions = Segments.ofLengths(3, 40).positions();
        int size = positions.length * heads * D;
        Tensor x = constant(positions.length, heads * D, 1);
        var op = new Rope(x, new RopeTable(D, 1e6), positions, D);

        same(1, size, (b, y) -> b.rope(op, x.data(), y, 1));
        same(1, size, (b, dx) -> b.rope(op, x.data(), dx, -1));
    }

    @ParameterizedTest
    @CsvSource({"1", "15", "16", "17", "40000", "70000"})
    default void elementwiseKernels(int n) {
        Buffer gate = random(n, 1);
        Buffer up = random(n, 2);
        Buffer dy = random(n, 3);
        for (int i = 0; i < n; i += 3) {
            gate.set(i, gate.get(i) * 100); // where the exponential is cut off
        }

        var op = new SwiGlu(column(gate), column(up));
        same(100, n, (b, y) -> b.swiGlu(op, y));
        same(100, n, (b, dgate) -> b.swiGluBackward(op, dy, dgate, arena().zeros(n)));
        same(100, n, (b, dup) -> b.swiGluBackward(op, dy, arena().zeros(n), dup));
        same(1, n, (b, y) -> b.add(gate, up, y));
        same(1, n, (b, dx) -> b.addTo(dy, dx));
        double squares = (isExact() ? SCALAR : DOUBLE).sumOfSquares(gate);
        assertThat(backend().sumOfSquares(gate)).isCloseTo(squares, within(isExact() ? 0 : 1e-6 * squares));
    }

    @Test
    default void embeddingAndItsGradient() {
        int[] ids = {3, 0, 39, 3, 3, 17};
        Tensor table = Tensor.constant(workspace(), new Shape(40, 70), Layout.PANELS, panels(40, 70, 1));
        Buffer dy = random(ids.length * 70, 2);

        same(1, ids.length * 70, (b, y) -> b.embedding(new Embedding(table, ids, null), y));
        same(4, () -> panels(40, 70, 3), (b, dtable) -> b.embeddingBackward(ids, dy, dtable, 70));
    }

    @Test
    default void rowsAreCopiedAndAddedTo() {
        int[] rows = {5, 0, 2, 5, 1};
        int[] some = {5, -1, 2, 5, -1};
        Buffer x = random(7 * 33, 1);
        Buffer dy = random(rows.length * 33, 2);

        same(1, rows.length * 33, (b, y) -> b.copyRows(x, rows, y, 33));
        same(3, 7 * 33, (b, dx) -> b.addToRows(dy, some, dx, 33));

        int[] many = new SplittableRandom(3).ints(1000, -2, 7).toArray();
        Buffer ofMany = random(1000 * 33, 4);
        same(170, 7 * 33, (b, dx) -> b.addToRows(ofMany, many, dx, 33));
        int[] none = {-1, -1};
        same(1, 7 * 33, (b, dx) -> b.addToRows(dy, none, dx, 33));
    }

    @Test
    default void buffersAreCopiedScaledAndZeroed() {
        Buffer x = random(1000, 1);

        same(1, 1000, (b, y) -> b.scale(y, -0.3));

        Buffer y = positive(1000);
        y.copyFrom(x);
        KernelComparison.assertSameBits(y, x);
        y.slice(100, 300).zero();
        for (int i = 0; i < 1000; i++) {
            assertThat(y.get(i)).isEqualTo(i >= 100 && i < 400 ? 0 : x.get(i));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "40, 3", "1024, 2", "5000, 7", "151936, 5"})
    default void tokensDrawnAreTheQuantilesOfTheScalarBackend(int V, int T) {
        Buffer logits = random(T * V, 1);
        for (long i = 0; i < logits.length(); i++) {
            logits.set(i, 8 * logits.get(i));
        }
        logits.set((long) (T - 1) * V + V / 2, 9); // the most likely
        Buffer lse = logSumsExp(logits, T, V);
        int[] rows = new SplittableRandom(2).ints(200, 0, T).toArray();
        double[] bounds = new SplittableRandom(3).doubles(200).toArray();
        rows[0] = T - 1;
        bounds[0] = -1;
        for (int i = 0; i < 40; i++) {
            bounds[20 + i] = 1 - Math.pow(2, -i); // from 0 to beyond what is left by rounding
            bounds[60 + i] = Math.pow(10, -i);
            bounds[100 + i] = -1;
        }
        float[] expected = new float[200];
        float[] actual = new float[200];

        assertThat(backend().draw(logits, lse, V, rows, bounds, actual))
                .containsExactly(SCALAR.draw(logits, lse, V, rows, bounds, expected))
                .startsWith(V / 2);
        assertThat(actual).containsExactly(expected);
    }

    @Test
    default void tokensDrawnWhereAPartOfTheLogitsEndsAreThoseOfTheScalarBackend() {
        int T = 20;
        int V = 2100;
        Buffer logits = random(T * V, 1);
        Buffer lse = arena().zeros(T);
        int[] rows = new int[T * 9];
        double[] bounds = new double[T * 9];
        for (int t = 0; t < T; t++) {
            lse.set(t, 7 + 0.1 * t);
            double mass = 0;
            for (int i = 0; i < Lanes.PART; i++) {
                mass += SingleMath.exp((float) logits.get((long) t * V + i) - (float) lse.get(t));
            }
            for (int i = 0; i < 9; i++) {
                rows[9 * t + i] = t;
                bounds[9 * t + i] = mass * (1 + (i - 4) * 5e-8); // the part's sum is rounded, too small or too large
            }
        }
        float[] logProbs = new float[rows.length];

        assertThat(backend().draw(logits, lse, V, rows, bounds, logProbs))
                .containsExactly(SCALAR.draw(logits, lse, V, rows, bounds, new float[rows.length]));
    }

    @ParameterizedTest
    @CsvSource({
        "40, 1, 1, 1",
        "2100, 4, 50, 0.95",
        "2100, 4, 0, 0.3",
        "2100, 4, 0, 0.999",
        "2100, 4, 3, 1",
        "2100, 2, 5000, 0.9",
        "1030, 3, 0, 0.9999999",
        "20000, 2, 9000, 1",
        "151936, 2, 50, 0.95",
        "151936, 2, 0, 0.8"
    })
    default void truncatedDrawsAreThoseOfTheScalarBackend(int V, int T, int topK, double topP) {
        Buffer logits = random(T * V, 1);
        for (long i = 0; i < logits.length(); i++) {
            logits.set(i, Math.rint(32 * logits.get(i)) / 4); // many are equal
        }
        for (int i = 0; i < V; i++) {
            logits.set(i, i % 3 == 0 ? Double.NEGATIVE_INFINITY : 0); // the first row: all equal, or impossible
        }
        Buffer lse = logSumsExp(logits, T, V);
        int[] rows = new SplittableRandom(2).ints(60, 0, T).toArray();
        double[] uniforms = new SplittableRandom(3).doubles(60).toArray();
        uniforms[0] = 0;
        uniforms[1] = Math.nextDown(1.0);
        var truncation = new Truncation(topK, topP);
        float[] expected = new float[rows.length];
        float[] actual = new float[rows.length];

        assertThat(backend().drawTruncated(logits, lse, V, truncation, rows, uniforms, actual))
                .containsExactly(SCALAR.drawTruncated(logits, lse, V, truncation, rows, uniforms, expected));
        assertThat(actual).containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "40, 3", "1024, 2", "5000, 7", "151936, 7"})
    default void tokensDrawnFromTheMostLikelyOnesAreThoseOfTheScalarBackend(int V, int T) {
        Buffer logits = rowsOfManyKinds(T, V);
        Buffer lse = logSumsExp(logits, T, V);
        int[] rows = new SplittableRandom(2).ints(40, 0, T).toArray();
        double[] uniforms = new SplittableRandom(3).doubles(40).toArray();
        uniforms[0] = 0;
        uniforms[1] = 1 - 0x1p-53;
        for (int topK : new int[] {0, 1, 2, 50, 3000, V - 1, V, Integer.MAX_VALUE}) {
            for (double topP : new double[] {1e-9, 0.3, 0.95, 0.9999, 1 - 0x1p-53, 1}) {
                var truncation = new Truncation(topK, topP);
                float[] expected = new float[40];
                float[] actual = new float[40];

                assertThat(backend().drawTruncated(logits, lse, V, truncation, rows, uniforms, actual))
                        .as("%s", truncation)
                        .containsExactly(SCALAR.drawTruncated(logits, lse, V, truncation, rows, uniforms, expected));
                assertThat(actual).containsExactly(expected);
            }
        }
    }

    /** Rows that are spread, narrow, equal, of a few values, of one finite number, without one in places, and cold. */
    private Buffer rowsOfManyKinds(int T, int V) {
        Buffer logits = random(T * V, 1);
        for (int t = 0; t < T; t++) {
            var row = new float[V];
            for (int i = 0; i < V; i++) {
                float z = (float) logits.get((long) t * V + i);
                row[i] = switch (t) {
                    case 0 -> 12 * z * z * z;
                    case 1 -> z / 100;
                    case 2 -> -3;
                    case 3 -> Math.round(6 * z);
                    case 4 -> i == V / 2 ? 1e4f : Float.NEGATIVE_INFINITY;
                    case 5 -> i % 3 == 0 ? Float.NEGATIVE_INFINITY : 9 * z;
                    default -> 300 * z - 1e4f;
                };
            }
            logits.set((long) t * V, row);
        }
        return logits;
    }

    private Buffer logSumsExp(Buffer logits, int T, int V) {
        Buffer lse = arena().zeros(T);
        for (int t = 0; t < T; t++) {
            var z = new double[V];
            for (int i = 0; i < V; i++) {
                z[i] = logits.get((long) t * V + i);
            }
            double max = DoubleStream.of(z).max().orElseThrow();
            lse.set(
                    t,
                    max
                            + Math.log(DoubleStream.of(z)
                                    .map(x -> Math.exp(x - max))
                                    .sum()));
        }
        return lse;
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2, 1", "7, 33, 40, 1", "50, 16, 3000, 0.6", "1030, 5, 2050, 1.5", "3, 2, 151936, 1"})
    default void logProbAndItsGradients(int T, int C, int V, double temperature) {
        Tensor x = constant(T, C, 1);
        Tensor w = Tensor.constant(workspace(), new Shape(V, C), Layout.PANELS, panels(V, C, 2));
        int[] targets = new SplittableRandom(3).ints(T, 0, V).toArray();
        Buffer out = arena().zeros(2L * T);
        Buffer kept = arena().zeros((long) T * V);
        Buffer dout = random(2 * T, 5);
        Tensor lse = constant(T, 1, 4);
        SCALAR.logProb(new LogProb(x, w, lse, targets, temperature, null), out);

        for (Buffer logits : Arrays.asList(null, kept)) {
            Function<Buffer, LogProb> logProb = sums -> new LogProb(x, w, column(sums), targets, temperature, logits);
            same(2 * C, 2 * T, (b, y) -> b.logProb(logProb.apply(arena().zeros(T)), y));
            same(2 * C, T, (b, sums) -> b.logProb(logProb.apply(sums), arena().zeros(2L * T)));
            backend()
                    .logProb(
                            new LogProb(x, w, column(arena().zeros(T)), targets, temperature, kept),
                            arena().zeros(2L * T));
            var op = new LogProb(x, w, lse, targets, temperature, logits);
            same(C + V, T * C, (b, dx) -> b.logProbBackward(op, out, dout, dx, null));
            sameGradient(C + T, () -> panels(V, C, 77), (b, dw) -> b.logProbBackward(op, out, dout, null, dw));
        }
        same(2 * C, T * V, (b, z) -> b.logits(x, w, temperature, z, arena().zeros(T)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2, 1", "7, 33, 40, 1", "50, 16, 3000, 0.6", "130, 70, 2050, 1.5", "3, 2, 151936, 1"})
    default void tokensOverWeightsKeptAsBfloat16HaveTheBitsOfTheWidenedOnes(int T, int C, int V, double temperature) {
        var shape = new Shape(V, C);
        Buffer halved = bfloats().zeros(Panels.size(shape) + 2).slice(2, Panels.size(shape)); // from an odd word on
        Buffer widened = arena().zeros(halved.length());
        var random = new SplittableRandom(2);
        for (int n = 0; n < V; n++) {
            for (int k = 0; k < C; k++) {
                long at = Panels.index(n, k, C, DType.BF16);
                halved.set(at, random.nextDouble(-1, 1));
                widened.set(Panels.index(n, k, C), halved.get(at));
            }
        }
        List<Buffer> expected = overTokens(Tensor.constant(workspace(), shape, Layout.PANELS, widened), T, temperature);
        List<Buffer> actual = overTokens(Tensor.constant(workspace(), shape, Layout.PANELS, halved), T, temperature);
        for (int i = 0; i < expected.size(); i++) {
            KernelComparison.assertSameBits(actual.get(i), expected.get(i));
        }
    }

    /** Rows of a table, and log-probabilities, their gradient and logits with the same table as output. */
    private List<Buffer> overTokens(Tensor w, int T, double temperature) {
        Tensor x = constant(T, w.cols(), 1);
        int[] targets = new SplittableRandom(3).ints(T, 0, w.rows()).toArray();
        Tensor lse = column(arena().zeros(T));
        Buffer rows = arena().zeros((long) T * w.cols());
        Buffer out = arena().zeros(2L * T);
        Buffer dx = random(T * w.cols(), 4);
        Buffer logits = arena().zeros((long) T * w.rows());
        backend().embedding(new Embedding(w, targets, null), rows);
        var op = new LogProb(x, w, lse, targets, temperature, null);
        backend().logProb(op, out);
        backend().logProbBackward(op, out, random(2 * T, 5), dx, null);
        backend().logits(x, w, temperature, logits, arena().zeros(T));
        return List.of(rows, lse.data(), out, dx, logits);
    }

    @Test
    default void numbersThatAreNoneAreNotHidden() {
        Buffer states = random(3 * 4, 1);
        states.set(4, Double.NaN); // of the second of three rows
        Tensor x = Tensor.constant(workspace(), new Shape(3, 4), states);
        Tensor w = Tensor.constant(workspace(), new Shape(1500, 4), Layout.PANELS, panels(1500, 4, 2));
        Buffer out = arena().zeros(6);

        backend().logProb(new LogProb(x, w, column(arena().zeros(3)), new int[] {7, 7, 7}, 1, null), out);

        assertThat(out.get(0)).isNegative();
        assertThat(out.get(2)).isNaN();
        assertThat(out.get(3)).isNaN();
        assertThat(out.get(4)).isNegative();

        Buffer y = arena().zeros(12);
        backend().swiGlu(new SwiGlu(x, x), y);
        assertThat(y.get(4)).isNaN();
        assertThat(backend().sumOfSquares(states)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({"1", "1024", "1025", "5000"})
    default void quantileIsTheFirstElementWhereTheCumulativeProbabilityExceedsABound(int V) {
        Buffer logits = random(V + 3, 1);
        double sum = 0;
        for (int i = 0; i < V; i++) {
            sum += Math.exp(logits.get(3 + i));
        }
        double lse = Math.log(sum);
        double before = 0;
        for (int i = 0; i < V; i++) {
            double p = Math.exp(logits.get(3 + i) - lse);

            assertThat(backend().quantile(logits, 3, V, lse, before + p / 2)).isEqualTo(i);
            before += p;
        }
        assertThat(backend().quantile(logits, 3, V, lse, 1.1)).isEqualTo(V - 1);
    }

    @Test
    default void adamWMovesWeightsAsDefined() {
        int n = 16_400;
        Buffer grads = random(n, 1);
        var settings = new AdamW(0.9, 0.999, 1e-8, 0.1);
        for (long step = 1; step < 4; step++) {
            AdamW.Scalars scalars = settings.scalars(step, 1e-2, 0.5);
            same(4, n, (b, w) -> b.adamW(w, grads, random(n, 2), positive(n), scalars));
            same(4, n, (b, m) -> b.adamW(random(n, 2), grads, m, positive(n), scalars));
            same(4, n, (b, v) -> b.adamW(random(n, 2), grads, random(n, 3), v, scalars));
        }
    }
}
