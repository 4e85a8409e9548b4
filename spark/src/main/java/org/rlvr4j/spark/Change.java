package org.rlvr4j.spark;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Change of the weights of a range since the last version, without loss: for each weight the difference of its bits, in none,
 * one, two or four bytes. At a learning rate of 1e-6 most differences take two.
 *
 * <p>First come the lengths, two bits for each weight, then the bytes of the differences.
 */
final class Change {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.nativeOrder());
    private static final int PER_BYTE = 4; // lengths
    private static final int[] LENGTHS = {0, 1, 2, 4};

    private Change() {}

    /**
     * The change from one range of weights to another, or null if it is not smaller than the range itself.
     *
     * @param before weights as they were, in native order
     * @param after  weights as they are, as many
     */
    static byte @Nullable [] between(byte[] before, byte[] after) {
        int count = after.length / Integer.BYTES;
        int lengths = Math.ceilDiv(count, PER_BYTE);
        var change = new byte[after.length];
        MemorySegment old = MemorySegment.ofArray(before);
        MemorySegment now = MemorySegment.ofArray(after);
        int at = lengths;
        for (int i = 0; i < count; i++) {
            long offset = (long) i * Integer.BYTES;
            int difference = now.get(INT, offset) - old.get(INT, offset);
            int folded =
                    (difference << 1) ^ (difference >> (Integer.SIZE - 1)); // small if it is near 0, whatever its sign
            int code = folded == 0 ? 0 : folded >>> 8 == 0 ? 1 : folded >>> 16 == 0 ? 2 : 3;
            if (at + LENGTHS[code] > change.length) {
                return null;
            }
            change[i / PER_BYTE] |= (byte) (code << (2 * (i % PER_BYTE)));
            for (int b = 0; b < LENGTHS[code]; b++) {
                change[at++] = (byte) (folded >>> (8 * b));
            }
        }
        return Arrays.copyOf(change, at);
    }

    /**
     * Applies a change to a range of weights.
     *
     * @param change what {@link #between} returned
     * @param memory memory of all weights, in native order
     * @param from   number of the range's first byte
     * @param count  number of the range's weights
     */
    static void apply(byte[] change, MemorySegment memory, long from, int count) {
        int at = Math.ceilDiv(count, PER_BYTE);
        for (int i = 0; i < count; i++) {
            int length = LENGTHS[(change[i / PER_BYTE] >>> (2 * (i % PER_BYTE))) & 3];
            int folded = 0;
            for (int b = 0; b < length; b++) {
                folded |= (change[at++] & 0xff) << (8 * b);
            }
            long offset = from + (long) i * Integer.BYTES;
            memory.set(INT, offset, memory.get(INT, offset) + ((folded >>> 1) ^ -(folded & 1)));
        }
    }
}
