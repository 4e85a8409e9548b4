package org.rlvr4j.tornado;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Log-probabilities of chosen tokens, and the drawing of new ones; logits exist for a block of rows at a time. */
final class TornadoTokens {

    /** Threads of one group, which share a row. */
    private static final int GROUP = 256;

    private static final int BLOCK = 1 << 22; // logits of one block, at most, unless one row has more
    private static final float NONE = -1.0e30f;
    private static final int NO_OUT = -1;

    private static final Kernel STATISTICS =
            Kernel.ofReals(TornadoTokens.class, "kRowStatistics", TornadoTokens::kRowStatistics, GROUP, 1);
    private static final Kernel GRADIENT = Kernel.ofReals(
            TornadoTokens.class, "kLogitGradient", TornadoTokens::kLogitGradient, TornadoElements.GROUP, 1);
    private static final Kernel DRAW = Kernel.of(TornadoTokens.class, "kDraw", TornadoTokens::kDraw, GROUP, 1);

    static final List<Kernel> KERNELS = List.of(STATISTICS, GRADIENT, DRAW);

    private final DeviceMemory memory;
    private final Lists lists;
    private final TensorArena scratch;
    private final TornadoLinear linear;

    TornadoTokens(DeviceMemory memory, Lists lists, TensorArena scratch, TornadoLinear linear) {
        this.memory = memory;
        this.lists = lists;
        this.scratch = scratch;
        this.linear = linear;
    }

    /** Arguments of the kernels: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int COUNT = 0, V = 1;
        static final int Z = 2, LSE = 3, OUT = 4, TARGETS = 5; // Z are logits, OUT log-probabilities and entropies
        static final int DZ = 6, DOUT = 7;
        static final int ROWS = 8, BOUNDS = 9, DRAWN = 10; // DRAWN are tokens and log-probabilities
    }

    /** Arguments of the kernels that are real numbers. */
    private static final class Real {
        static final int TEMPERATURE = 0;
    }

    void logProb(LogProb op, Buffer out) {
        int[] targets = op.targets();
        int T = targets.length;
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer x = op.x().data();
        Buffer w = op.w().data();
        Buffer saved = op.logits();
        int rows = rows(T, V);
        begin();
        Buffer block = saved == null ? scratch.allocate((long) rows * V) : saved;
        int list = lists.of(targets);
        int results = memory.write(out);
        int lse = memory.write(op.lse().data());
        for (int t = 0; t < T; t += rows) {
            int n = Math.min(rows, T - t);
            Buffer z = block.slice(saved == null ? 0 : (long) t * V, (long) n * V);
            linear.product(x.slice((long) t * C, (long) n * C), w, null, z, n, C, V);
            statistics(z, V, op.temperature())
                    .set(Arg.LSE, lse + t)
                    .set(Arg.OUT, results + 2 * t)
                    .set(Arg.TARGETS, list + t)
                    .runGroups(n);
        }
    }

    /** Makes room for lists and scratch memory. */
    private void begin() {
        lists.begin();
        scratch.release();
    }

    /** Rows of a block. */
    private static int rows(int T, int V) {
        return Math.max(1, Math.min(T, BLOCK / V));
    }

    /** Launch that divides logits by the temperature, and sets each row's logarithm of the sum of exponentials. */
    private Launch statistics(Buffer logits, int V, double temperature) {
        return memory.launch(STATISTICS)
                .set(Arg.V, V)
                .setReal(Real.TEMPERATURE, temperature)
                .update(Arg.Z, logits);
    }

    /** A group for each row, for whose target it also sets the log-probability, and the entropy. */
    static void kRowStatistics(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int lid = c.localIdx;
        int row = c.groupIdx;
        int V = p.get(Arg.V);
        int z = p.get(Arg.Z) + row * V;
        float[] parts = c.allocateFloatLocalArray(GROUP);
        float max = NONE;
        for (int i = lid; i < V; i += GROUP) {
            float value = m.get(z + i) / s.get(Real.TEMPERATURE);
            m.set(z + i, value);
            max = TornadoMath.max(max, value);
        }
        parts[lid] = max;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] = TornadoMath.max(parts[lid], parts[lid + half]);
            }
        }
        c.localBarrier();
        float top = parts[0];
        c.localBarrier();
        float sum = 0f;
        float moment = 0f;
        for (int i = lid; i < V; i += GROUP) {
            float share = TornadoMath.exp(m.get(z + i) - top);
            sum += share;
            moment += share * (m.get(z + i) - top);
        }
        parts[lid] = sum;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        c.localBarrier();
        float whole = parts[0];
        c.localBarrier();
        parts[lid] = moment;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        c.localBarrier();
        if (lid == 0) {
            float lse = top + TornadoMath.log(whole);
            m.set(p.get(Arg.LSE) + row, lse);
            if (p.get(Arg.OUT) >= 0) {
                int target = (int) m.get(p.get(Arg.TARGETS) + row);
                m.set(p.get(Arg.OUT) + 2 * row, m.get(z + target) - lse);
                m.set(p.get(Arg.OUT) + 2 * row + 1, TornadoMath.log(whole) - parts[0] / whole);
            }
        }
    }

    void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        int T = op.targets().length;
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer x = op.x().data();
        Buffer w = op.w().data();
        int rows = rows(T, V);
        begin();
        Buffer block = scratch.allocate((long) rows * V);
        int list = lists.of(op.targets());
        int results = memory.read(out);
        int slopes = memory.read(dout);
        int lse = memory.read(op.lse().data());
        for (int t = 0; t < T; t += rows) {
            int n = Math.min(rows, T - t);
            Buffer states = x.slice((long) t * C, (long) n * C);
            Buffer dz = block.slice(0, (long) n * V);
            Buffer z = op.logits() == null ? again(op, states, dz) : op.logits().slice((long) t * V, (long) n * V);
            int count = TornadoElements.count(dz);
            memory.launch(GRADIENT)
                    .set(Arg.COUNT, count)
                    .set(Arg.V, V)
                    .setReal(Real.TEMPERATURE, op.temperature())
                    .set(Arg.LSE, lse + t)
                    .set(Arg.OUT, results + 2 * t)
                    .set(Arg.DOUT, slopes + 2 * t)
                    .set(Arg.TARGETS, list + t)
                    .read(Arg.Z, z)
                    .write(Arg.DZ, dz)
                    .runThreads(count);
            if (dx != null) {
                Buffer part = dx.slice((long) t * C, (long) n * C);
                linear.backwardInput(dz, w, new Accumulator(part, true), n, C, V);
            }
            if (dw != null) {
                linear.backwardWeight(dz, states, new Accumulator(dw.buffer(), dw.add() || t > 0), n, C, V);
            }
        }
    }

    /** Logits of hidden states, computed again into {@code z}. */
    private Buffer again(LogProb op, Buffer states, Buffer z) {
        int C = op.w().cols();
        int V = op.w().rows();
        int n = Math.toIntExact(states.length() / C);
        linear.product(states, op.w().data(), null, z, n, C, V);
        statistics(z, V, op.temperature())
                .write(Arg.LSE, scratch.allocate(n)) // unread: those of the forward pass are the same
                .set(Arg.OUT, NO_OUT)
                .runGroups(n);
        return z;
    }

    /** As {@link LogProb#backward} has it, a thread for each logit. */
    static void kLogitGradient(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int row = i / p.get(Arg.V);
            float z = m.get(p.get(Arg.Z) + i) - m.get(p.get(Arg.LSE) + row);
            float share = TornadoMath.exp(z);
            float hit = 0f;
            if (i - row * p.get(Arg.V) == (int) m.get(p.get(Arg.TARGETS) + row)) {
                hit = 1f;
            }
            float entropy = m.get(p.get(Arg.OUT) + 2 * row + 1);
            float slope = m.get(p.get(Arg.DOUT) + 2 * row) * (hit - share)
                    - m.get(p.get(Arg.DOUT) + 2 * row + 1) * share * (z + entropy);
            m.set(p.get(Arg.DZ) + i, slope / s.get(Real.TEMPERATURE));
        }
    }

    void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse) {
        int T = x.rows();
        int V = w.rows();
        linear.product(x.data(), w.data(), null, logits, T, w.cols(), V);
        statistics(logits, V, temperature)
                .write(Arg.LSE, lse)
                .set(Arg.OUT, NO_OUT)
                .runGroups(T);
    }

    int quantile(Buffer logits, long start, int V, double lse, double bound) {
        begin();
        Buffer sum = scratch.allocate(1);
        sum.set(0, lse);
        return drawn(logits.slice(start, V), sum, V, new int[] {0}, new double[] {bound}, new float[1])[0];
    }

    int[] draw(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        begin();
        return drawn(logits, lse, V, rows, bounds, logProbs);
    }

    private int[] drawn(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        Buffer drawn = scratch.allocate(2L * rows.length);
        memory.launch(DRAW)
                .set(Arg.V, V)
                .read(Arg.Z, logits)
                .read(Arg.LSE, lse)
                .set(Arg.ROWS, lists.of(rows))
                .set(Arg.BOUNDS, lists.of(bounds))
                .write(Arg.DRAWN, drawn)
                .runGroups(rows.length);
        var tokens = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            tokens[i] = (int) drawn.get(2L * i);
            logProbs[i] = (float) drawn.get(2L * i + 1);
        }
        return tokens;
    }

    /**
     * Draws a token, a group for each: the first at which the cumulative probability exceeds a bound, or the most likely
     * if the bound is negative.
     */
    static void kDraw(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int draw = c.groupIdx;
        int V = p.get(Arg.V);
        int row = (int) m.get(p.get(Arg.ROWS) + draw);
        int z = p.get(Arg.Z) + row * V;
        float lse = m.get(p.get(Arg.LSE) + row);
        float bound = m.get(p.get(Arg.BOUNDS) + draw);
        float[] sums = c.allocateFloatLocalArray(GROUP);
        float[] tops = c.allocateFloatLocalArray(GROUP);
        int[] places = c.allocateIntLocalArray(GROUP);
        int length = (V + GROUP - 1) / GROUP;
        int end = TornadoMath.min(V, (lid + 1) * length);
        float sum = 0f;
        float top = NONE;
        int place = 0;
        for (int i = lid * length; i < end; i++) {
            float value = m.get(z + i);
            sum += TornadoMath.exp(value - lse);
            if (value > top) {
                top = value;
                place = i;
            }
        }
        sums[lid] = sum;
        tops[lid] = top;
        places[lid] = place;
        c.localBarrier();
        if (lid == 0) {
            int token = -1;
            if (bound < 0f) {
                token = 0;
                float best = NONE;
                for (int share = 0; share < GROUP; share++) {
                    if (tops[share] > best) {
                        best = tops[share];
                        token = places[share];
                    }
                }
            } else {
                float below = 0f;
                int share = 0;
                while (share < GROUP - 1 && below + sums[share] <= bound) {
                    below += sums[share];
                    share++;
                }
                for (int i = share * length; i < V && token < 0; i++) {
                    below += TornadoMath.exp(m.get(z + i) - lse);
                    if (below > bound) {
                        token = i;
                    }
                }
                if (token < 0) {
                    token = V - 1;
                    while (token > 0 && TornadoMath.exp(m.get(z + token) - lse) == 0f) {
                        token--;
                    }
                }
            }
            m.set(p.get(Arg.DRAWN) + 2 * draw, (float) token);
            m.set(p.get(Arg.DRAWN) + 2 * draw + 1, m.get(z + token) - lse);
        }
    }
}
