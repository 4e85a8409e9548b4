package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.INTS;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.ORDER;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.PagedCache;

/** Keys and values cached as bfloat16: rounded when they are stored, and widened in registers, which is exact. */
final class VectorBfloat16Cache {

    private static final VectorSpecies<Short> HALVES =
            VectorSpecies.of(short.class, VectorShape.forBitSize(LANES * Short.SIZE));
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);

    private VectorBfloat16Cache() {}

    /** Rounds row {@code b} of keys and values into a slot of a page. */
    static void append(MemorySegment k, MemorySegment v, long b, PagedCache cache, int layer, int page, int slot) {
        int D = cache.heads().size();
        MemorySegment keys = cache.keys(layer).segment();
        MemorySegment values = cache.values(layer).segment();
        for (int g = 0; g < cache.heads().keyValue(); g++) {
            long from = (b * cache.heads().keyValue() + g) * D;
            long start = cache.start(page, g);
            for (int d = 0; d < D; d++) {
                long key = start + (long) d * PagedCache.POSITIONS + slot;
                long value = start + (long) slot * D + d;
                keys.set(SHORT, key * Short.BYTES, rounded(k, from + d));
                values.set(SHORT, value * Short.BYTES, rounded(v, from + d));
            }
        }
    }

    private static short rounded(MemorySegment x, long index) {
        return Buffer.toBfloat16(x.get(FLOAT, index * Float.BYTES));
    }

    private static FloatVector load(MemorySegment segment, long index) {
        ShortVector halves = ShortVector.fromMemorySegment(HALVES, segment, index * Short.BYTES, ORDER);
        IntVector words = (IntVector) halves.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
        return words.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
    }

    /** The product of {@link VectorAttention}, with the same chains, where b is bfloat16. */
    static void product(
            MemorySegment aData,
            long a,
            int aRow,
            int rows,
            MemorySegment bData,
            long[] b,
            int[] depths,
            int bRow,
            int cols,
            MemorySegment cData,
            long c,
            int cRow) {
        for (int r = 0; r < rows; r += 2) {
            int s = Math.min(r + 1, rows - 1);
            for (int j = 0; j < cols; j += 2 * LANES) {
                FloatVector c00 = FloatVector.zero(S);
                FloatVector c01 = FloatVector.zero(S);
                FloatVector c10 = FloatVector.zero(S);
                FloatVector c11 = FloatVector.zero(S);
                long a0 = (a + (long) r * aRow) * Float.BYTES;
                long a1 = (a + (long) s * aRow) * Float.BYTES;
                for (int piece = 0; piece < b.length; piece++) {
                    long at = b[piece] + j;
                    for (int k = 0; k < depths[piece]; k++) {
                        FloatVector b0 = load(bData, at);
                        FloatVector b1 = load(bData, at + LANES);
                        FloatVector x = FloatVector.broadcast(S, aData.get(FLOAT, a0));
                        c00 = x.fma(b0, c00);
                        c01 = x.fma(b1, c01);
                        x = FloatVector.broadcast(S, aData.get(FLOAT, a1));
                        c10 = x.fma(b0, c10);
                        c11 = x.fma(b1, c11);
                        at += bRow;
                        a0 += Float.BYTES;
                        a1 += Float.BYTES;
                    }
                }
                store(c00, cData, c + (long) r * cRow + j);
                store(c01, cData, c + (long) r * cRow + j + LANES);
                store(c10, cData, c + (long) s * cRow + j);
                store(c11, cData, c + (long) s * cRow + j + LANES);
            }
        }
    }
}
