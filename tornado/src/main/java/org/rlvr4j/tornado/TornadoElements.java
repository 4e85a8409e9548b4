package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.GRADIENTS;
import static org.rlvr4j.tensor.Role.MEANS;
import static org.rlvr4j.tensor.Role.SQUARES;
import static org.rlvr4j.tensor.Role.WEIGHTS;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.SwiGlu;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Lanes;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels with a thread for each element: the gated unit, sums, and the optimizer. */
final class TornadoElements {

    /** Threads of one group. */
    static final int GROUP = 256;

    private static final Set<Role> ALMOST_ANY = Set.of(WEIGHTS, GRADIENTS, ACTIVATIONS);

    private static final Kernel SWI_GLU =
            kernel("kSwiGlu", TornadoElements::kSwiGlu, in(ACTIVATIONS, Arg.GATE, Arg.UP, Arg.Y));
    private static final Kernel SWI_GLU_BACKWARD = kernel(
            "kSwiGluBackward",
            TornadoElements::kSwiGluBackward,
            in(ACTIVATIONS, Arg.GATE, Arg.UP, Arg.DY, Arg.DGATE, Arg.DUP));
    private static final Kernel ADD = kernel("kAdd", TornadoElements::kAdd, in(ALMOST_ANY, Arg.A, Arg.B, Arg.Y));
    private static final Kernel SCALE =
            Kernel.ofReals(TornadoElements.class, "kScale", TornadoElements::kScale, GROUP, 1, in(ALMOST_ANY, Arg.X));
    private static final Kernel SUM_OF_SQUARES = Kernel.of(
            TornadoElements.class,
            "kSumOfSquares",
            TornadoElements::kSumOfSquares,
            GROUP,
            1,
            in(ALMOST_ANY, Arg.X),
            in(ACTIVATIONS, Arg.SUMS));
    private static final Kernel ADAM_W = Kernel.ofReals(
            TornadoElements.class,
            "kAdamW",
            TornadoElements::kAdamW,
            GROUP,
            1,
            in(WEIGHTS, Arg.WEIGHTS),
            in(GRADIENTS, Arg.GRADS),
            in(MEANS, Arg.MEANS),
            in(SQUARES, Arg.SQUARES));

    static final List<Kernel> KERNELS = List.of(SWI_GLU, SWI_GLU_BACKWARD, ADD, SCALE, SUM_OF_SQUARES, ADAM_W);

    private final DeviceMemory memory;
    private final TensorArena scratch;

    TornadoElements(DeviceMemory memory, TensorArena scratch) {
        this.memory = memory;
        this.scratch = scratch;
    }

    private static Kernel kernel(
            String name, Task4<KernelContext, FloatArray, IntArray, IntArray> method, Kernel.Operands a) {
        return Kernel.of(TornadoElements.class, name, method, GROUP, 1, a);
    }

    /** Arguments of the kernels: the number of elements, and places of them. */
    private static final class Arg {
        static final int COUNT = 0;
        static final int GATE = 1, UP = 2, DY = 3, DGATE = 4, DUP = 5;
        static final int A = 6, B = 7, X = 8, Y = 9;
        static final int SUMS = 10;
        static final int WEIGHTS = 11, GRADS = 12, MEANS = 13, SQUARES = 14;
    }

    /** Arguments of the kernels that are real numbers; most are {@link AdamW.Scalars}. */
    private static final class Real {
        static final int FACTOR = 0; // in double precision
        static final int BETA1 = 0, ONE_MINUS_BETA1 = 1, BETA2 = 2, ONE_MINUS_BETA2 = 3, EPSILON = 4;
        static final int GRAD_SCALE = 5, KEEP = 6, NEGATED_STEP_SIZE = 7, ROOT_SCALE = 8;
    }

    static int count(Buffer buffer) {
        return Math.toIntExact(buffer.length());
    }

    /** Numbers of the device's, on the host. */
    static float[] numbers(Buffer buffer) {
        buffer.memory().beforeRead(buffer);
        return buffer.segment().toArray(ValueLayout.JAVA_FLOAT);
    }

    private Launch launch(Kernel kernel, int count) {
        return memory.launch(kernel).set(Arg.COUNT, count);
    }

    void swiGlu(SwiGlu op, Buffer y) {
        int n = count(y);
        launch(SWI_GLU, n)
                .read(Arg.GATE, op.gate().data())
                .read(Arg.UP, op.up().data())
                .write(Arg.Y, y)
                .runThreads(n);
    }

    static void kSwiGlu(KernelContext c, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            float gate = m.get(p.get(Arg.GATE) + i);
            m.set(p.get(Arg.Y) + i, DeviceMath.quotient(gate, DeviceMath.exp(-gate) + 1f) * m.get(p.get(Arg.UP) + i));
        }
    }

    void swiGluBackward(SwiGlu op, Buffer dy, Buffer dgate, Buffer dup) {
        int n = count(dy);
        launch(SWI_GLU_BACKWARD, n)
                .read(Arg.GATE, op.gate().data())
                .read(Arg.UP, op.up().data())
                .read(Arg.DY, dy)
                .write(Arg.DGATE, dgate)
                .write(Arg.DUP, dup)
                .runThreads(n);
    }

    static void kSwiGluBackward(KernelContext c, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            float gate = m.get(p.get(Arg.GATE) + i);
            float dy = m.get(p.get(Arg.DY) + i);
            float s = DeviceMath.quotient(1f, DeviceMath.exp(-gate) + 1f);
            float slope = s * (gate * (1f - s) + 1f);
            m.set(p.get(Arg.DGATE) + i, dy * m.get(p.get(Arg.UP) + i) * slope);
            m.set(p.get(Arg.DUP) + i, dy * (gate * s));
        }
    }

    /** {@code y = a + b}. */
    void add(Buffer a, Buffer b, Buffer y) {
        int n = count(y);
        launch(ADD, n).read(Arg.A, a).read(Arg.B, b).write(Arg.Y, y).runThreads(n);
    }

    static void kAdd(KernelContext c, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.Y) + i, m.get(p.get(Arg.A) + i) + m.get(p.get(Arg.B) + i));
        }
    }

    /** {@code x = x * factor}. */
    void scale(Buffer x, double factor) {
        int n = count(x);
        launch(SCALE, n).setDouble(Real.FACTOR, factor).update(Arg.X, x).runThreads(n);
    }

    static void kScale(KernelContext c, FloatArray m, IntArray p, FloatArray s, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            double x = (double) m.get(p.get(Arg.X) + i);
            m.set(p.get(Arg.X) + i, (float) (x * DeviceMath.sum(s, Real.FACTOR)));
        }
    }

    /** The sum of squares: of parts in single precision, and of these in double precision. */
    double sumOfSquares(Buffer x) {
        scratch.release();
        int n = count(x);
        int parts = Math.ceilDiv(n, Lanes.PART);
        Buffer sums = scratch.allocate(parts);
        launch(SUM_OF_SQUARES, n).read(Arg.X, x).write(Arg.SUMS, sums).runThreads((long) parts * Lanes.COUNT);
        float[] ofParts = numbers(sums);
        double total = 0;
        for (int run = 0; run < parts; run += Lanes.RUN / Lanes.PART) {
            double ofRun = 0;
            for (int part = run; part < Math.min(run + Lanes.RUN / Lanes.PART, parts); part++) {
                ofRun += ofParts[part];
            }
            total += ofRun;
        }
        return total;
    }

    /** A thread for each lane of a part. */
    static void kSumOfSquares(KernelContext c, FloatArray numbers, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int lane = lid & (Lanes.COUNT - 1);
        int part = c.globalIdx / Lanes.COUNT;
        int n = p.get(Arg.COUNT);
        int parts = (n - 1) / Lanes.PART + 1;
        float[] sums = c.allocateFloatLocalArray(GROUP);
        float sum = 0f;
        if (part < parts) {
            int end = TornadoMath.min(Lanes.PART, n - part * Lanes.PART);
            for (int i = lane; i < end; i += Lanes.COUNT) {
                float x = numbers.get(p.get(Arg.X) + part * Lanes.PART + i);
                sum = x * x + sum;
            }
        }
        sums[lid] = sum;
        for (int half = Lanes.COUNT / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lane < half) {
                sums[lid] += sums[lid + half];
            }
        }
        if (lane == 0 && part < parts) {
            m.set(p.get(Arg.SUMS) + part, sums[lid]);
        }
    }

    /** One AdamW update of all weights: of the gradients' means m and mean squares v too. */
    void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars scalars) {
        int n = count(weights);
        launch(ADAM_W, n)
                .read(Arg.GRADS, grads)
                .update(Arg.WEIGHTS, weights)
                .update(Arg.MEANS, m)
                .update(Arg.SQUARES, v)
                .setReal(Real.BETA1, scalars.beta1())
                .setReal(Real.ONE_MINUS_BETA1, 1 - scalars.beta1())
                .setReal(Real.BETA2, scalars.beta2())
                .setReal(Real.ONE_MINUS_BETA2, 1 - scalars.beta2())
                .setReal(Real.EPSILON, scalars.epsilon())
                .setReal(Real.GRAD_SCALE, scalars.gradScale())
                .setReal(Real.KEEP, scalars.keep())
                .setReal(Real.NEGATED_STEP_SIZE, -scalars.stepSize())
                .setReal(Real.ROOT_SCALE, scalars.rootScale())
                .runThreads(n);
    }

    /** As {@link AdamW.Scalars} has it. */
    static void kAdamW(
            KernelContext c,
            FloatArray weights,
            FloatArray grads,
            FloatArray means,
            FloatArray squares,
            IntArray p,
            FloatArray s,
            IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            float g = grads.get(p.get(Arg.GRADS) + i) * s.get(Real.GRAD_SCALE);
            float mean = means.get(p.get(Arg.MEANS) + i) * s.get(Real.BETA1)
                    + DeviceMath.product(g, s.get(Real.ONE_MINUS_BETA1));
            float square = squares.get(p.get(Arg.SQUARES) + i) * s.get(Real.BETA2)
                    + DeviceMath.product(g * g, s.get(Real.ONE_MINUS_BETA2));
            float root = DeviceMath.root(square) * s.get(Real.ROOT_SCALE) + s.get(Real.EPSILON);
            float change = DeviceMath.quotient(mean * s.get(Real.NEGATED_STEP_SIZE), root);
            means.set(p.get(Arg.MEANS) + i, mean);
            squares.set(p.get(Arg.SQUARES) + i, square);
            weights.set(p.get(Arg.WEIGHTS) + i, weights.get(p.get(Arg.WEIGHTS) + i) * s.get(Real.KEEP) + change);
        }
    }
}
