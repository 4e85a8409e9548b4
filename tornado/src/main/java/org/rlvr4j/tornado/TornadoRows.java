package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tensor.Role.WEIGHTS;
import static org.rlvr4j.tornado.Kernel.GRADS;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Rope;
import org.rlvr4j.tornado.places.Ranges;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels over the rows of a matrix: rotations, and rows that are looked up or added to. */
final class TornadoRows {

    private static final Kernel ROPE = Kernel.of(
            TornadoRows.class,
            "kRope",
            TornadoRows::kRope,
            TornadoElements.GROUP,
            1,
            in(TABLES, Arg.COSINES, Arg.SINES, Arg.POSITIONS),
            in(ACTIVATIONS, Arg.X, Arg.Y));
    private static final Kernel COPY = Kernel.of(
            TornadoRows.class,
            "kCopyRows",
            TornadoRows::kCopyRows,
            TornadoElements.GROUP,
            1,
            in(TABLES, Arg.ROWS),
            in(Set.of(WEIGHTS, ACTIVATIONS), Arg.X),
            in(ACTIVATIONS, Arg.Y));
    private static final Kernel COPY_BFLOAT16 = Kernel.of(
            TornadoRows.class,
            "kCopyRowsBfloat16",
            TornadoRows::kCopyRowsBfloat16,
            TornadoElements.GROUP,
            1,
            in(TABLES, Arg.ROWS),
            in(WEIGHTS, Arg.X),
            in(ACTIVATIONS, Arg.Y));
    private static final Kernel ADD = Kernel.of(
            TornadoRows.class,
            "kAddToRows",
            TornadoRows::kAddToRows,
            TornadoElements.GROUP,
            1,
            in(TABLES, Arg.ROWS, Arg.STARTS, Arg.TERMS),
            in(GRADS, Arg.DY),
            in(GRADS, Arg.DX));

    static final List<Kernel> KERNELS = List.of(ROPE, COPY, COPY_BFLOAT16, ADD);

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

    /** Arguments of the kernels: sizes, places of matrices and lists, and choices. */
    private static final class Arg {
        static final int COUNT = 0, C = 1;
        static final int X = 2, Y = 3, DY = 4, DX = 5;
        static final int HEADS = 6, HALF = 7, COSINES = 8, SINES = 9, POSITIONS = 10; // HALF is D/2
        static final int SIGN = 11, NEGATED_SIGN = 12;
        static final int ROWS = 13, IN_PANELS = 14; // 1 or 0
        static final int STARTS = 15, TERMS = 16;
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
                .set(Arg.NEGATED_SIGN, -sign)
                .read(Arg.X, x)
                .write(Arg.Y, y)
                .runThreads(pairs);
    }

    /** Place of a table that is sent once. */
    private int table(float[] numbers) {
        Integer known = sentTables.get(numbers);
        if (known == null) {
            Ranges.Range block = memory.range(tables.allocate((long) numbers.length * Float.BYTES));
            memory.send(MemorySegment.ofArray(numbers), block.start());
            known = memory.banks().at(block.start()).place(block.start());
            sentTables.put(numbers, known);
        }
        return known;
    }

    /** Turns each pair of features, a thread for each. */
    static void kRope(KernelContext c, FloatArray lists, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int pair = c.globalIdx;
        if (pair < p.get(Arg.COUNT)) {
            int half = p.get(Arg.HALF);
            int head = pair / half;
            int i = pair - head * half;
            int position = (int) lists.get(p.get(Arg.POSITIONS) + head / p.get(Arg.HEADS));
            int angle = position * half + i;
            float cos = lists.get(p.get(Arg.COSINES) + angle);
            float sin = lists.get(p.get(Arg.SINES) + angle);
            int at = head * 2 * half + i;
            float a = m.get(p.get(Arg.X) + at);
            float b = m.get(p.get(Arg.X) + at + half);
            m.set(p.get(Arg.Y) + at, a * cos + DeviceMath.product(b, p.get(Arg.NEGATED_SIGN) * sin));
            m.set(p.get(Arg.Y) + at + half, b * cos + DeviceMath.product(a, p.get(Arg.SIGN) * sin));
        }
    }

    /**
     * Row i of y is row rows[i] of x.
     *
     * @param inPanels whether x is in panels, as it must be to be bfloat16
     */
    void copy(Buffer x, int[] rows, Buffer y, int C, boolean inPanels) {
        lists.begin();
        int n = TornadoElements.count(y);
        memory.launch(x.type() == DType.BF16 ? COPY_BFLOAT16 : COPY)
                .set(Arg.COUNT, n)
                .set(Arg.C, C)
                .set(Arg.ROWS, lists.of(rows))
                .set(Arg.IN_PANELS, inPanels ? 1 : 0)
                .read(Arg.X, x)
                .write(Arg.Y, y)
                .runThreads(n);
    }

    /** A thread for each element. */
    static void kCopyRows(KernelContext c, FloatArray lists, FloatArray x, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int C = p.get(Arg.C);
            int t = i / C;
            int row = (int) lists.get(p.get(Arg.ROWS) + t);
            int from = p.get(Arg.X);
            if (p.get(Arg.IN_PANELS) == 1) {
                from += LinearTiles.panel(row, i - t * C, C);
            } else {
                from += row * C + i - t * C;
            }
            m.set(p.get(Arg.Y) + i, x.get(from));
        }
    }

    /** A thread for each element of rows of panels. */
    static void kCopyRowsBfloat16(
            KernelContext c, FloatArray lists, IntArray words, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int C = p.get(Arg.C);
            int t = i / C;
            int at = LinearTiles.panel((int) lists.get(p.get(Arg.ROWS) + t), i - t * C, C);
            int word = words.get(p.get(Arg.X) + LinearTiles.wordIndex(at));
            m.set(p.get(Arg.Y) + i, DeviceMath.widened(word >> (at & 16)));
        }
    }

    /**
     * Row rows[t] of dx += row t of dy, in the order of t, unless rows[t] is negative.
     *
     * @param inPanels whether dx is in panels
     */
    void addTo(Buffer dy, int[] rows, Buffer dx, int C, boolean inPanels) {
        lists.begin();
        int[] terms = IntStream.range(0, rows.length)
                .filter(t -> rows[t] >= 0)
                .boxed()
                .sorted(Comparator.comparingInt(t -> rows[t])) // equal ones stay in their order
                .mapToInt(t -> t)
                .toArray();
        int[] starts = IntStream.range(0, terms.length)
                .filter(i -> i == 0 || rows[terms[i]] != rows[terms[i - 1]])
                .toArray();
        int[] targets = IntStream.of(starts).map(i -> rows[terms[i]]).toArray();
        int list = lists.of(Stream.of(targets, starts, new int[] {terms.length}, terms)
                .flatMapToInt(IntStream::of)
                .toArray());
        int count = Math.multiplyExact(targets.length, C);
        if (count > 0) {
            memory.launch(ADD)
                    .set(Arg.COUNT, count)
                    .set(Arg.C, C)
                    .set(Arg.ROWS, list)
                    .set(Arg.STARTS, list + targets.length)
                    .set(Arg.TERMS, list + 2 * targets.length + 1)
                    .set(Arg.IN_PANELS, inPanels ? 1 : 0)
                    .read(Arg.DY, dy)
                    .update(Arg.DX, dx)
                    .runThreads(count);
        }
    }

    /** A thread for each element that is added to: ROWS are the rows to add to, whose terms are from START to START. */
    static void kAddToRows(KernelContext c, FloatArray lists, FloatArray dy, FloatArray dx, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int C = p.get(Arg.C);
            int target = i / C;
            int column = i - target * C;
            int row = (int) lists.get(p.get(Arg.ROWS) + target);
            int end = (int) lists.get(p.get(Arg.STARTS) + target + 1);
            int at = p.get(Arg.DX);
            if (p.get(Arg.IN_PANELS) == 1) {
                at += LinearTiles.panel(row, column, C);
            } else {
                at += row * C + column;
            }
            float sum = dx.get(at);
            for (int term = (int) lists.get(p.get(Arg.STARTS) + target); term < end; term++) {
                int t = (int) lists.get(p.get(Arg.TERMS) + term);
                sum += dy.get(p.get(Arg.DY) + t * C + column);
            }
            dx.set(at, sum);
        }
    }
}
