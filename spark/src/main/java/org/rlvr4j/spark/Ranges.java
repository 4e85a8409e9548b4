package org.rlvr4j.spark;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Ranges of many bytes, as which weights and gradients travel: a message of Spark holds less than 2 GB.
 *
 * @param bytes number of all bytes
 */
record Ranges(long bytes) {

    /** Bytes of a range, but for the last: a multiple of 16,384 numbers. */
    static final int SIZE = 64 << 20;

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.nativeOrder());

    int count() {
        return Math.toIntExact((bytes + SIZE - 1) / SIZE);
    }

    private int size(int range) {
        return (int) Math.min(SIZE, bytes - (long) range * SIZE);
    }

    /** Numbers of a range, of four bytes each. */
    int numbers(int range) {
        return size(range) / Float.BYTES;
    }

    /** Copy of a range of memory. */
    byte[] read(MemorySegment memory, int range) {
        var copy = new byte[size(range)];
        MemorySegment.copy(memory, (long) range * SIZE, MemorySegment.ofArray(copy), 0, copy.length);
        return copy;
    }

    /** Whether a range of memory has these bytes. */
    boolean equal(MemorySegment memory, int range, byte[] bytes) {
        long from = (long) range * SIZE;
        return MemorySegment.mismatch(memory, from, from + bytes.length, MemorySegment.ofArray(bytes), 0, bytes.length)
                < 0;
    }

    /** Stores a range in memory. */
    static void write(byte[] from, MemorySegment memory, int range) {
        MemorySegment.copy(MemorySegment.ofArray(from), 0, memory, (long) range * SIZE, from.length);
    }

    /** Adds numbers in single precision: {@code a = a + b}. */
    static void add(byte[] a, byte[] b) {
        MemorySegment sum = MemorySegment.ofArray(a);
        MemorySegment other = MemorySegment.ofArray(b);
        for (long i = 0; i < a.length; i += Float.BYTES) {
            sum.set(FLOAT, i, sum.get(FLOAT, i) + other.get(FLOAT, i));
        }
    }

    /**
     * Adds ranges of several blocks as a balanced binary tree, in their order; the first becomes the sum.
     *
     * @param blocks as many as a power of two
     */
    static byte[] sum(byte[][] blocks) {
        for (int distance = 1; distance < blocks.length; distance *= 2) {
            for (int i = 0; i + distance < blocks.length; i += 2 * distance) {
                add(blocks[i], blocks[i + distance]);
            }
        }
        return blocks[0];
    }
}
