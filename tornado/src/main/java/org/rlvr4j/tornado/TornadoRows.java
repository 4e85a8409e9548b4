package org.rlvr4j.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.Rope;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels over the rows of a matrix: norms, rotations, and rows that are looked up or added to. */
final class TornadoRows {

    /** Threads of one group, which share a row. */
    private static final int GROUP = 64;

    /** Rows are added to in so many shares, each by threads of its own. */
    private static final int SHARES = 64;

    private static final Kernel RMS_NORM =
            Kernel.ofReals(TornadoRows.class, "kRmsNorm", TornadoRows::kRmsNorm, GROUP, 1);
    private static final Kernel RMS_NORM_INPUT = kernel("kRmsNormInput", TornadoRows::kRmsNormInput, GROUP);
    private static final Kernel RMS_NORM_WEIGHT = kernel("kRmsNormWeight", TornadoRows::kRmsNormWeight, GROUP);
    private static final Kernel ROPE = kernel("kRope", TornadoRows::kRope, TornadoElements.GROUP);
    private static final Kernel COPY = kernel("kCopyRows", TornadoRows::kCopyRows, TornadoElements.GROUP);
    private static final Kernel ADD = kernel("kAddToRows", TornadoRows::kAddToRows, GROUP);

    static final List<Kernel> KERNELS = List.of(RMS_NORM, RMS_NORM_INPUT, RMS_NORM_WEIGHT, ROPE, COPY, ADD);

    private final DeviceMemory memory;
    private final Lists lists;
    private final Arena tables;
    private final IdentityHashMap<float[], Integer> sentTables = new IdentityHashMap<>();

    /** @param tables memory of the rotations' tables */
    TornadoRows(DeviceMemory memory, Lists lists, Arena tables) {
        this.memory = memory;
        this.lists = lists;
        this.tables = tables;
    }

    private static Kernel kernel(String name, Task3<KernelContext, FloatArray, IntArray> method, int group) {
        return Kernel.of(TornadoRows.class, name, method, group, 1);
    }

    /** Arguments of the kernels: sizes, places of matrices and lists, and choices. */
    private static final class Arg {
        static final int COUNT = 0, T = 1, C = 2;
        static final int X = 3, Y = 4, W = 5, RSTD = 6, DY = 7, DX = 8, DW = 9;
        static final int HEADS = 10, HALF = 11, COSINES = 12, SINES = 13, POSITIONS = 14, SIGN = 15; // HALF is D/2
        static final int ROWS = 16, IN_PANELS = 17; // 1 or 0
    }

    /** Arguments of the kernels that are real numbers. */
    private static final class Real {
        static final int EPSILON = 0;
    }

    void rmsNorm(RmsNorm op, Buffer y) {
        memory.launch(RMS_NORM)
                .set(Arg.C, op.w().rows())
                .setReal(Real.EPSILON, op.epsilon())
                .read(Arg.X, op.x().data())
                .read(Arg.W, op.w().data())
                .write(Arg.Y, y)
                .write(Arg.RSTD, op.rstd().data())
                .runGroups(op.rstd().rows());
    }

    /** A group for each row. */
    static void kRmsNorm(KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        int lid = c.localIdx;
        int t = c.groupIdx;
        int C = p.get(Arg.C);
        int x = p.get(Arg.X) + t * C;
        float[] parts = c.allocateFloatLocalArray(GROUP);
        float squares = 0f;
        for (int i = lid; i < C; i += GROUP) {
            squares += m.get(x + i) * m.get(x + i);
        }
        parts[lid] = squares;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        c.localBarrier();
        float rstd = 1f / TornadoMath.sqrt(parts[0] / C + s.get(Real.EPSILON));
        for (int i = lid; i < C; i += GROUP) {
            m.set(p.get(Arg.Y) + t * C + i, m.get(x + i) * rstd * m.get(p.get(Arg.W) + i));
        }
        if (lid == 0) {
            m.set(p.get(Arg.RSTD) + t, rstd);
        }
    }

    void rmsNormBackward(RmsNorm op, Buffer dy, Buffer dx, Buffer dw) {
        int T = op.rstd().rows();
        int C = op.w().rows();
        memory.launch(RMS_NORM_INPUT)
                .set(Arg.C, C)
                .read(Arg.X, op.x().data())
                .read(Arg.W, op.w().data())
                .read(Arg.RSTD, op.rstd().data())
                .read(Arg.DY, dy)
                .update(Arg.DX, dx)
                .runGroups(T);
        memory.launch(RMS_NORM_WEIGHT)
                .set(Arg.T, T)
                .set(Arg.C, C)
                .read(Arg.X, op.x().data())
                .read(Arg.RSTD, op.rstd().data())
                .read(Arg.DY, dy)
                .update(Arg.DW, dw)
                .runThreads(C);
    }

    /** A group for each row. */
    static void kRmsNormInput(KernelContext c, FloatArray m, IntArray p) {
        int lid = c.localIdx;
        int t = c.groupIdx;
        int C = p.get(Arg.C);
        int x = p.get(Arg.X) + t * C;
        int dy = p.get(Arg.DY) + t * C;
        float rstd = m.get(p.get(Arg.RSTD) + t);
        float[] parts = c.allocateFloatLocalArray(GROUP);
        float sum = 0f;
        for (int i = lid; i < C; i += GROUP) {
            sum += m.get(dy + i) * m.get(p.get(Arg.W) + i) * m.get(x + i) * rstd;
        }
        parts[lid] = sum;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lid < half) {
                parts[lid] += parts[lid + half];
            }
        }
        c.localBarrier();
        float mean = parts[0] / C;
        for (int i = lid; i < C; i += GROUP) {
            int at = p.get(Arg.DX) + t * C + i;
            float change = m.get(dy + i) * m.get(p.get(Arg.W) + i) - m.get(x + i) * rstd * mean;
            m.set(at, m.get(at) + rstd * change);
        }
    }

    /** A thread for each feature. */
    static void kRmsNormWeight(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        int C = p.get(Arg.C);
        if (i < C) {
            float sum = m.get(p.get(Arg.DW) + i);
            for (int t = 0; t < p.get(Arg.T); t++) {
                sum += m.get(p.get(Arg.DY) + t * C + i) * m.get(p.get(Arg.X) + t * C + i) * m.get(p.get(Arg.RSTD) + t);
            }
            m.set(p.get(Arg.DW) + i, sum);
        }
    }

    /** @param sign 1, or -1 to turn back */
    void rope(Rope op, Buffer x, Buffer y, int sign) {
        lists.begin();
        op.table().cover(op.positions());
        int pairs = Math.multiplyExact(op.positions().length * op.heads(), op.size() / 2);
        memory.launch(ROPE)
                .set(Arg.COUNT, pairs)
                .set(Arg.HEADS, op.heads())
                .set(Arg.HALF, op.size() / 2)
                .set(Arg.COSINES, table(op.table().cosines()))
                .set(Arg.SINES, table(op.table().sines()))
                .set(Arg.POSITIONS, lists.of(op.positions()))
                .set(Arg.SIGN, sign)
                .read(Arg.X, x)
                .write(Arg.Y, y)
                .runThreads(pairs);
    }

    /** Place of a table that is sent once. */
    private int table(float[] numbers) {
        Integer known = sentTables.get(numbers);
        if (known == null) {
            long at = memory.index(tables.allocate((long) numbers.length * Float.BYTES));
            memory.send(MemorySegment.ofArray(numbers), at);
            known = Math.toIntExact(at);
            sentTables.put(numbers, known);
        }
        return known;
    }

    /** Turns each pair of features, a thread for each. */
    static void kRope(KernelContext c, FloatArray m, IntArray p) {
        int pair = c.globalIdx;
        if (pair < p.get(Arg.COUNT)) {
            int half = p.get(Arg.HALF);
            int head = pair / half;
            int i = pair - head * half;
            int position = (int) m.get(p.get(Arg.POSITIONS) + head / p.get(Arg.HEADS));
            int angle = position * half + i;
            float cos = m.get(p.get(Arg.COSINES) + angle);
            float sin = p.get(Arg.SIGN) * m.get(p.get(Arg.SINES) + angle);
            int at = head * 2 * half + i;
            float a = m.get(p.get(Arg.X) + at);
            float b = m.get(p.get(Arg.X) + at + half);
            m.set(p.get(Arg.Y) + at, a * cos - b * sin);
            m.set(p.get(Arg.Y) + at + half, b * cos + a * sin);
        }
    }

    /**
     * Row i of y is row rows[i] of x.
     *
     * @param inPanels whether x is in panels
     */
    void copy(Buffer x, int[] rows, Buffer y, int C, boolean inPanels) {
        lists.begin();
        int n = TornadoElements.count(y);
        memory.launch(COPY)
                .set(Arg.COUNT, n)
                .set(Arg.C, C)
                .set(Arg.ROWS, lists.of(rows))
                .set(Arg.IN_PANELS, inPanels ? 1 : 0)
                .read(Arg.X, x)
                .write(Arg.Y, y)
                .runThreads(n);
    }

    /** A thread for each element. */
    static void kCopyRows(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int C = p.get(Arg.C);
            int t = i / C;
            int row = (int) m.get(p.get(Arg.ROWS) + t);
            int x = p.get(Arg.X);
            if (p.get(Arg.IN_PANELS) == 1) {
                x += TornadoLinear.panel(row, i - t * C, C);
            } else {
                x += row * C + i - t * C;
            }
            m.set(p.get(Arg.Y) + i, m.get(x));
        }
    }

    /**
     * Row rows[t] of dx += row t of dy, in the order of t, unless rows[t] is negative.
     *
     * @param inPanels whether dx is in panels
     */
    void addTo(Buffer dy, int[] rows, Buffer dx, int C, boolean inPanels) {
        lists.begin();
        memory.launch(ADD)
                .set(Arg.T, rows.length)
                .set(Arg.C, C)
                .set(Arg.ROWS, lists.of(rows))
                .set(Arg.IN_PANELS, inPanels ? 1 : 0)
                .read(Arg.DY, dy)
                .update(Arg.DX, dx)
                .runThreads(C, SHARES);
    }

    /** A thread for each column and each share of the rows. */
    static void kAddToRows(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        int share = c.globalIdy;
        int C = p.get(Arg.C);
        if (i < C) {
            for (int t = 0; t < p.get(Arg.T); t++) {
                int row = (int) m.get(p.get(Arg.ROWS) + t);
                if (row >= 0 && (row & (SHARES - 1)) == share) {
                    int at = p.get(Arg.DX);
                    if (p.get(Arg.IN_PANELS) == 1) {
                        at += TornadoLinear.panel(row, i, C);
                    } else {
                        at += row * C + i;
                    }
                    m.set(at, m.get(at) + m.get(p.get(Arg.DY) + t * C + i));
                }
            }
        }
    }
}
