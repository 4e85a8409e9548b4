package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.SoftmaxPart;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Log-probabilities of tokens over a vocabulary, and their gradients: logits exist for a block of rows at a time.
 *
 * <p>The device sums each part of a row; the host adds the parts up in double precision, in which it has an exponential
 * and a logarithm that are the same everywhere.
 */
final class TornadoTokens {

    /** Threads of one group, which share parts of rows. */
    static final int GROUP = 128;

    /** Logits of one block of the backend's: 335 MB, or 552 rows of 151,936 words. */
    static final int BLOCK = 80 << 20;

    /** Logits of a part that one thread sums. */
    private static final int DEPTH = Lanes.PART / Lanes.COUNT;

    private static final int SUMS = 3; // of a part: those of SoftmaxPart
    private static final int NO_TARGETS = -1;

    private static final Kernel PARTS = Kernel.ofReals(
            TornadoTokens.class,
            "kSoftmaxParts",
            TornadoTokens::kSoftmaxParts,
            GROUP,
            1,
            in(TABLES, Arg.TARGETS),
            in(ACTIVATIONS, Arg.Z, Arg.SUMS, Arg.TARGET_LOGITS));
    private static final Kernel GRADIENT = Kernel.ofReals(
            TornadoTokens.class,
            "kLogitGradient",
            TornadoTokens::kLogitGradient,
            TornadoElements.GROUP,
            1,
            in(TABLES, Arg.TARGETS),
            in(ACTIVATIONS, Arg.Z, Arg.LSE, Arg.OUT, Arg.DOUT, Arg.DZ));

    static final List<Kernel> KERNELS = List.of(PARTS, GRADIENT);

    private final DeviceMemory memory;
    private final Lists lists;
    private final TensorArena scratch;
    private final TornadoLinear linear;
    private final int mostLogits;
    private Arena blockArena;
    private @Nullable Buffer block;

    /** @param mostLogits logits of one block, at most, unless one row has more */
    TornadoTokens(DeviceMemory memory, Lists lists, TensorArena scratch, TornadoLinear linear, int mostLogits) {
        this.memory = memory;
        this.lists = lists;
        this.scratch = scratch;
        this.linear = linear;
        this.mostLogits = mostLogits;
        this.blockArena = memory.open(ACTIVATIONS);
    }

    /** Arguments of the kernels: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int COUNT = 0, V = 1, PARTS = 2; // PARTS is the number of parts of a row
        static final int Z = 3, TARGETS = 4; // Z are logits
        static final int SUMS = 5, TARGET_LOGITS = 6;
        static final int LSE = 7, OUT = 8, DZ = 9, DOUT = 10; // OUT are log-probabilities and entropies
    }

    /** Arguments of the kernels that are real numbers; FACTOR is 1 / temperature. */
    private static final class Real {
        static final int FACTOR = 0, NEGATED_FACTOR = 1;
        static final int LOGIT_FACTOR = 2; // FACTOR, or 1 if the logits have been multiplied by it
        static final int NEGATED_ONE = 3; // its multiples are subtracted by a fused addition: see DeviceMath.product
    }

    /** Rows of a block, at most. */
    private int rows(int T, int V) {
        return Math.clamp(mostLogits / V, 1, T);
    }

    /** Memory of a block of logits; a larger one takes the place of a smaller one. */
    private Buffer block(long length) {
        if (block == null || block.length() < length) {
            blockArena.close();
            blockArena = memory.open(ACTIVATIONS);
            block = new Buffer(blockArena.allocate(length * Float.BYTES, Float.BYTES), DType.F32, memory);
        }
        memory.forget(block);
        return block.slice(0, length);
    }

    static int parts(int V) {
        return Math.ceilDiv(V, Lanes.PART);
    }

    void logProb(LogProb op, Buffer out) {
        int[] targets = op.targets();
        int T = targets.length;
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer x = op.x().data();
        Buffer saved = op.logits();
        int rows = saved == null ? rows(T, V) : T;
        begin();
        Buffer logits = saved == null ? block((long) rows * V) : saved;
        int list = lists.of(targets);
        for (int t = 0; t < T; t += rows) {
            int n = Math.min(rows, T - t);
            Buffer z = logits.slice(0, (long) n * V);
            linear.product(x.slice((long) t * C, (long) n * C), op.w().data(), null, z, n, C, V);
            Statistics statistics = statistics(z, n, V, op.temperature(), list + t);
            var results = new float[2 * n];
            for (int row = 0; row < n; row++) {
                results[2 * row] = statistics.targets[row] - (float) statistics.lse[row];
                results[2 * row + 1] = (float) statistics.entropy[row];
            }
            out.set(2L * t, results);
            op.lse().data().set(t, rounded(statistics.lse));
        }
    }

    private static float[] rounded(double[] numbers) {
        var rounded = new float[numbers.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) numbers[i];
        }
        return rounded;
    }

    /** Makes room for lists and scratch memory. */
    private void begin() {
        lists.begin();
        scratch.release();
    }

    /** Logarithm of the sum of exponentials, entropy, and logit of the target, if there are any, of each row. */
    @SuppressWarnings("ArrayRecordComponent") // read once
    private record Statistics(double[] lse, double[] entropy, float[] targets) {}

    /** Divides the logits of n rows by the temperature, and sums them. */
    private Statistics statistics(Buffer z, int n, int V, double temperature, int targets) {
        int parts = parts(V);
        scratch.release();
        Buffer results = scratch.allocate((long) n * (SUMS * parts + 1));
        memory.launch(PARTS)
                .set(Arg.COUNT, n * parts)
                .set(Arg.V, V)
                .set(Arg.PARTS, parts)
                .setReal(Real.FACTOR, 1 / temperature)
                .update(Arg.Z, z)
                .set(Arg.TARGETS, targets)
                .write(Arg.SUMS, results.slice(0, (long) n * parts * SUMS))
                .write(Arg.TARGET_LOGITS, results.slice((long) n * parts * SUMS, n))
                .runThreads((long) n * parts * Lanes.COUNT);
        float[] sums = TornadoElements.numbers(results);
        var statistics = new Statistics(new double[n], new double[n], new float[n]);
        IntStream.range(0, n).parallel().forEach(row -> {
            var ofRow = new ArrayList<SoftmaxPart>(parts);
            for (int i = row * parts * SUMS; i < (row + 1) * parts * SUMS; i += SUMS) {
                ofRow.add(new SoftmaxPart(sums[i], sums[i + 1], sums[i + 2]));
            }
            statistics.lse[row] = SoftmaxPart.logSumExp(ofRow);
            statistics.entropy[row] = SoftmaxPart.entropy(ofRow, statistics.lse[row]);
            statistics.targets[row] = sums[n * parts * SUMS + row];
        });
        return statistics;
    }

    /** The sums of {@link SoftmaxPart}, a thread for each lane of a part; also sets the logit of each row's target. */
    @SuppressWarnings("IdentityBinaryExpression") // true of NaN alone
    static void kSoftmaxParts(
            KernelContext c, FloatArray lists, FloatArray m, IntArray p, FloatArray s, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int lane = lid & (Lanes.COUNT - 1);
        int part = c.globalIdx / Lanes.COUNT;
        int V = p.get(Arg.V);
        int row = part / p.get(Arg.PARTS);
        int first = (part - row * p.get(Arg.PARTS)) * Lanes.PART;
        int count = 0;
        if (part < p.get(Arg.COUNT)) {
            count = TornadoMath.min(Lanes.PART, V - first);
        }
        int z = p.get(Arg.Z) + row * V + first;
        float[] logits = c.allocateFloatLocalArray(GROUP * DEPTH); // each thread's own
        float[] sums = c.allocateFloatLocalArray(GROUP);
        float[] surprises = c.allocateFloatLocalArray(GROUP);
        int target = -1;
        if (count > 0 && p.get(Arg.TARGETS) >= 0) {
            target = (int) lists.get(p.get(Arg.TARGETS) + row) - first;
        }
        float factor = s.get(Real.FACTOR);
        float max = Float.NEGATIVE_INFINITY;
        int own = lid;
        for (int i = lane; i < count; i += Lanes.COUNT) {
            float logit = m.get(z + i) * factor;
            logits[own] = logit;
            own += GROUP;
            if (factor != 1f) {
                m.set(z + i, logit);
            }
            if (i == target) {
                m.set(p.get(Arg.TARGET_LOGITS) + row, logit);
            }
            if (logit > max || logit != logit) {
                max = logit;
            }
        }
        sums[lid] = max;
        for (int half = Lanes.COUNT / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lane < half) {
                float other = sums[lid + half];
                if (other > sums[lid] || other != other) {
                    sums[lid] = other;
                }
            }
        }
        c.localBarrier();
        max = sums[lid - lane];
        c.localBarrier();
        float sum = 0f;
        float surprise = 0f;
        own = lid;
        for (int i = lane; i < count; i += Lanes.COUNT) {
            float e = DeviceMath.exp(logits[own] - max);
            sum += e;
            surprise = e * (max - logits[own]) + surprise;
            own += GROUP;
        }
        sums[lid] = sum;
        surprises[lid] = surprise;
        for (int half = Lanes.COUNT / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lane < half) {
                sums[lid] += sums[lid + half];
                surprises[lid] += surprises[lid + half];
            }
        }
        if (lane == 0 && count > 0) {
            m.set(p.get(Arg.SUMS) + SUMS * part, max);
            m.set(p.get(Arg.SUMS) + SUMS * part + 1, sums[lid]);
            m.set(p.get(Arg.SUMS) + SUMS * part + 2, surprises[lid]);
        }
    }

    void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        int T = op.targets().length;
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer w = op.w().data();
        int rows = rows(T, V);
        double factor = 1 / op.temperature();
        begin();
        Buffer logits = block((long) rows * V);
        int list = lists.of(op.targets());
        Buffer lse = op.lse().data();
        List.of(lse, out, dout).forEach(memory::read); // sent as a whole, not a block of rows at a time
        for (int t = 0; t < T; t += rows) {
            int n = Math.min(rows, T - t);
            Buffer x = op.x().data().slice((long) t * C, (long) n * C);
            Buffer dz = logits.slice(0, (long) n * V);
            Buffer z = dz;
            if (op.logits() == null) {
                linear.product(x, w, null, z, n, C, V);
            } else {
                z = op.logits().slice((long) t * V, (long) n * V);
            }
            int count = TornadoElements.count(dz);
            memory.launch(GRADIENT)
                    .set(Arg.COUNT, count)
                    .set(Arg.V, V)
                    .setReal(Real.LOGIT_FACTOR, op.logits() == null ? factor : 1)
                    .setReal(Real.NEGATED_FACTOR, -factor)
                    .setReal(Real.NEGATED_ONE, -1)
                    .read(Arg.LSE, lse.slice(t, n))
                    .read(Arg.OUT, out.slice(2L * t, 2L * n))
                    .read(Arg.DOUT, dout.slice(2L * t, 2L * n))
                    .set(Arg.TARGETS, list + t)
                    .read(Arg.Z, z)
                    .write(Arg.DZ, dz)
                    .runThreads(count);
            if (dx != null) {
                Buffer part = dx.slice((long) t * C, (long) n * C);
                linear.backwardInput(dz, w, new Accumulator(part, true), n, C, V);
            }
            if (dw != null) {
                linear.backwardWeight(dz, x, new Accumulator(dw.buffer(), dw.add() || t > 0), n, C, V);
            }
        }
    }

    /** As {@link LogProb#backward} has it, a thread for each logit. */
    static void kLogitGradient(
            KernelContext c, FloatArray lists, FloatArray m, IntArray p, FloatArray s, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int row = i / p.get(Arg.V);
            float z = DeviceMath.product(m.get(p.get(Arg.Z) + i), s.get(Real.LOGIT_FACTOR));
            float logP = m.get(p.get(Arg.LSE) + row) * s.get(Real.NEGATED_ONE) + z;
            float entropy = m.get(p.get(Arg.OUT) + 2 * row + 1);
            float dLogProb = m.get(p.get(Arg.DOUT) + 2 * row);
            float dEntropy = m.get(p.get(Arg.DOUT) + 2 * row + 1);
            float slope = (logP + entropy) * dEntropy + dLogProb;
            float dz = DeviceMath.product(DeviceMath.exp(logP) * slope, s.get(Real.NEGATED_FACTOR));
            if (i - row * p.get(Arg.V) == (int) lists.get(p.get(Arg.TARGETS) + row)) {
                dz = dLogProb * s.get(Real.NEGATED_FACTOR) * s.get(Real.NEGATED_ONE) + dz;
            }
            m.set(p.get(Arg.DZ) + i, dz);
        }
    }

    void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse) {
        int T = x.rows();
        int V = w.rows();
        linear.product(x.data(), w.data(), null, logits, T, w.cols(), V);
        lse.set(0, rounded(statistics(logits, T, V, temperature, NO_TARGETS).lse));
    }

    void close() {
        blockArena.close();
    }
}
