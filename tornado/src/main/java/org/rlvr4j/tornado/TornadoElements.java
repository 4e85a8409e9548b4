package org.rlvr4j.tornado;

import java.util.List;
import java.util.stream.IntStream;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.SwiGlu;
import org.rlvr4j.tensor.TensorArena;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels with a thread for each element: the gated unit, sums, and the optimizer. */
final class TornadoElements {

    /** Threads of one group. */
    static final int GROUP = 256;

    /** Groups that share a sum of squares, at most. */
    private static final int MOST_GROUPS = 1024;

    private static final Kernel SWI_GLU = kernel("kSwiGlu", TornadoElements::kSwiGlu);
    private static final Kernel SWI_GLU_BACKWARD = kernel("kSwiGluBackward", TornadoElements::kSwiGluBackward);
    private static final Kernel ADD = kernel("kAdd", TornadoElements::kAdd);
    private static final Kernel SCALE = kernelOfReals("kScale", TornadoElements::kScale);
    private static final Kernel SUM_OF_SQUARES = kernel("kSumOfSquares", TornadoElements::kSumOfSquares);
    private static final Kernel ADAM_W = kernelOfReals("kAdamW", TornadoElements::kAdamW);

    static final List<Kernel> KERNELS = List.of(SWI_GLU, SWI_GLU_BACKWARD, ADD, SCALE, SUM_OF_SQUARES, ADAM_W);

    private final DeviceMemory memory;
    private final TensorArena scratch;

    TornadoElements(DeviceMemory memory, TensorArena scratch) {
        this.memory = memory;
        this.scratch = scratch;
    }

    private static Kernel kernel(String name, Task3<KernelContext, FloatArray, IntArray> method) {
        return Kernel.of(TornadoElements.class, name, method, GROUP, 1);
    }

    private static Kernel kernelOfReals(String name, Task4<KernelContext, FloatArray, IntArray, FloatArray> method) {
        return Kernel.ofReals(TornadoElements.class, name, method, GROUP, 1);
    }

    /** Arguments of the kernels: the number of elements, and places of them. */
    private static final class Arg {
        static final int COUNT = 0;
        static final int GATE = 1, UP = 2, DY = 3, DGATE = 4, DUP = 5;
        static final int A = 6, B = 7, X = 8, Y = 9;
        static final int SUMS = 10, GROUPS = 11;
        static final int WEIGHTS = 12, GRADS = 13, MEANS = 14, SQUARES = 15;
    }

    /** Arguments of the kernels that are real numbers; most are {@link AdamW.Scalars}. */
    private static final class Real {
        static final int FACTOR = 0;
        static final int BETA1 = 1, ONE_MINUS_BETA1 = 2, BETA2 = 3, ONE_MINUS_BETA2 = 4, EPSILON = 5;
        static final int GRAD_SCALE = 6, KEEP = 7, STEP_SIZE = 8, ROOT_SCALE = 9;
    }

    static int count(Buffer buffer) {
        return Math.toIntExact(buffer.length());
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

    static void kSwiGlu(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            float gate = m.get(p.get(Arg.GATE) + i);
            m.set(p.get(Arg.Y) + i, gate / (1f + TornadoMath.exp(-gate)) * m.get(p.get(Arg.UP) + i));
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

    static void kSwiGluBackward(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            float gate = m.get(p.get(Arg.GATE) + i);
            float dy = m.get(p.get(Arg.DY) + i);
            float s = 1f / (1f + TornadoMath.exp(-gate));
            m.set(p.get(Arg.DGATE) + i, dy * m.get(p.get(Arg.UP) + i) * s * (1f + gate * (1f - s)));
            m.set(p.get(Arg.DUP) + i, dy * gate * s);
        }
    }

    /** {@code y = a + b}. */
    void add(Buffer a, Buffer b, Buffer y) {
        int n = count(y);
        launch(ADD, n).read(Arg.A, a).read(Arg.B, b).write(Arg.Y, y).runThreads(n);
    }

    static void kAdd(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.Y) + i, m.get(p.get(Arg.A) + i) + m.get(p.get(Arg.B) + i));
        }
    }

    /** {@code x = x * factor}. */
    void scale(Buffer x, double factor) {
        int n = count(x);
        launch(SCALE, n).setReal(Real.FACTOR, factor).update(Arg.X, x).runThreads(n);
    }

    static void kScale(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.X) + i, m.get(p.get(Arg.X) + i) * s.get(Real.FACTOR));
        }
    }

    /** The sum of squares: of shares in single precision, and of these in double precision. */
    double sumOfSquares(Buffer x) {
        scratch.release();
        int n = count(x);
        int groups = Math.min(Math.ceilDiv(n, GROUP), MOST_GROUPS);
        Buffer sums = scratch.allocate(groups);
        launch(SUM_OF_SQUARES, n)
                .set(Arg.GROUPS, groups)
                .read(Arg.X, x)
                .write(Arg.SUMS, sums)
                .runGroups(groups);
        return IntStream.range(0, groups).mapToDouble(sums::get).sum();
    }

    /** Each group adds up a share of the squares. */
    static void kSumOfSquares(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int n = p.get(Arg.COUNT);
        int stride = GROUP * p.get(Arg.GROUPS);
        float[] parts = c.allocateFloatLocalArray(GROUP);
        float sum = 0f;
        for (int i = c.globalIdx; i < n; i += stride) {
            sum += m.get(p.get(Arg.X) + i) * m.get(p.get(Arg.X) + i);
        }
        parts[lid] = sum;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        if (lid == 0) {
            m.set(p.get(Arg.SUMS) + c.groupIdx, parts[0]);
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
                .setReal(Real.STEP_SIZE, scalars.stepSize())
                .setReal(Real.ROOT_SCALE, scalars.rootScale())
                .runThreads(n);
    }

    /** As {@link AdamW.Scalars} has it. */
    static void kAdamW(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            float g = m.get(p.get(Arg.GRADS) + i) * s.get(Real.GRAD_SCALE);
            float mean = s.get(Real.BETA1) * m.get(p.get(Arg.MEANS) + i) + s.get(Real.ONE_MINUS_BETA1) * g;
            float square = s.get(Real.BETA2) * m.get(p.get(Arg.SQUARES) + i) + s.get(Real.ONE_MINUS_BETA2) * g * g;
            float root = TornadoMath.sqrt(square) * s.get(Real.ROOT_SCALE) + s.get(Real.EPSILON);
            float change = s.get(Real.STEP_SIZE) * mean / root;
            m.set(p.get(Arg.MEANS) + i, mean);
            m.set(p.get(Arg.SQUARES) + i, square);
            m.set(p.get(Arg.WEIGHTS) + i, m.get(p.get(Arg.WEIGHTS) + i) * s.get(Real.KEEP) - change);
        }
    }
}
