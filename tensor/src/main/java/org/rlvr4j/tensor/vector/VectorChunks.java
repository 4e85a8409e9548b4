package org.rlvr4j.tensor.vector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Lanes;

/**
 * Division of rows, columns or runs of numbers among threads, in chunks whose size does not depend on the number of
 * threads.
 */
final class VectorChunks {

    /** Elements per chunk of an elementwise kernel. */
    static final int RUN = Lanes.RUN;

    private static final int MAX_OPERANDS = 5; // of an elementwise kernel

    private final ThreadTeam team;
    private final Buffer tailCopies;

    VectorChunks(ThreadTeam team, TensorArena arena) {
        this.team = team;
        this.tailCopies = arena.zeros(MAX_OPERANDS * (long) Lanes.COUNT);
    }

    /** Kernel over a range of rows, columns or elements. */
    interface Range {
        void run(long from, long to);
    }

    /** Kernel over whole vectors: elements from..to of every operand. */
    interface Run {
        void run(MemorySegment[] operands, long from, long to);
    }

    /** Runs a kernel over 0 to {@code length}, {@code size} at a time. */
    void forEach(long length, int size, Range range) {
        int count = Math.toIntExact((length + size - 1) / size);
        team.forEach(count, (chunk, _) -> range.run((long) chunk * size, Math.min(length, (long) (chunk + 1) * size)));
    }

    /** Runs an elementwise kernel; the last elements, if they do not fill a vector, are computed in padded copies. */
    void forRuns(Run run, Buffer... operands) {
        long length = operands[0].length();
        long whole = length - length % Lanes.COUNT;
        var segments = new MemorySegment[operands.length];
        Arrays.setAll(segments, i -> operands[i].segment());
        forEach(whole, RUN, (from, to) -> run.run(segments, from, to));
        if (whole < length) {
            long bytes = (length - whole) * Float.BYTES;
            var tails = new MemorySegment[operands.length];
            for (int i = 0; i < tails.length; i++) {
                tails[i] = tailCopies
                        .slice((long) i * Lanes.COUNT, Lanes.COUNT)
                        .segment()
                        .fill((byte) 0);
                MemorySegment.copy(segments[i], whole * Float.BYTES, tails[i], 0, bytes);
            }
            run.run(tails, 0, Lanes.COUNT);
            for (int i = 0; i < tails.length; i++) {
                MemorySegment.copy(tails[i], 0, segments[i], whole * Float.BYTES, bytes);
            }
        }
    }
}
