package org.rlvr4j.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.RopeTable;

/** Norms, rotations, and rows that are looked up or added to. */
final class RowOps {

    private final DeviceMemory memory;
    private final Program program;
    private final Lists lists;
    private final Arena tables;
    private final IdentityHashMap<float[], Integer> sentTables = new IdentityHashMap<>();

    RowOps(DeviceMemory memory, Lists lists, Arena tables) {
        this.memory = memory;
        this.program = memory.program();
        this.lists = lists;
        this.tables = tables;
    }

    void rmsNorm(Buffer x, Buffer w, Buffer y, Buffer rstd, int T, int C, double epsilon) {
        program.scalars(epsilon);
        program.run(Kernel.RMS_NORM, T, 1, C, memory.read(x), memory.read(w), memory.write(y), memory.write(rstd));
    }

    void rmsNormBackward(Buffer x, Buffer w, Buffer rstd, Buffer dy, Buffer dx, Buffer dw, int T, int C) {
        int r = memory.read(rstd);
        int from = memory.read(x);
        int d = memory.read(dy);
        program.run(Kernel.RMS_NORM_INPUT, T, 1, C, from, memory.read(w), r, d, memory.update(dx));
        program.run(
                Kernel.RMS_NORM_WEIGHT,
                TornadoBackend.groups(C, RowKernels.GROUP),
                1,
                C,
                from,
                T,
                r,
                d,
                memory.update(dw));
    }

    void rope(Buffer x, Buffer y, RopeTable table, int[] positions, int heads, int D, int sign) {
        lists.begin();
        table.cover(positions);
        int pairs = Math.multiplyExact(positions.length * heads, D / 2);
        int cos = table(table.cosines());
        int sin = table(table.sines());
        int at = lists.of(positions);
        int from = memory.read(x);
        int to = memory.write(y);
        program.run(Kernel.ROPE, TornadoBackend.elements(pairs), 1, pairs, heads, D / 2, from, to, cos, sin, at, sign);
    }

    /** A table that is sent once. */
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

    void copy(Buffer x, int[] rows, Buffer y, int C, int panels) {
        lists.begin();
        int n = TornadoBackend.count(y);
        program.run(
                Kernel.COPY_ROWS,
                TornadoBackend.elements(n),
                1,
                n,
                C,
                lists.of(rows),
                memory.read(x),
                memory.write(y),
                panels);
    }

    void addTo(Buffer dy, int[] rows, Buffer dx, int C, int panels) {
        lists.begin();
        program.run(
                Kernel.ADD_TO_ROWS,
                TornadoBackend.groups(C, RowKernels.GROUP),
                RowKernels.SHARES,
                rows.length,
                C,
                lists.of(rows),
                memory.read(dy),
                memory.update(dx),
                panels);
    }
}
