package org.rlvr4j.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Array of numbers outside the Java heap.
 *
 * @param segment memory of the elements, for CPU kernels; all other code reads and writes through the methods below
 * @param type    element type
 * @param memory  notified before the host reads or writes
 */
public record Buffer(MemorySegment segment, DType type, Memory memory) {

    /** A buffer in host memory. */
    Buffer(MemorySegment segment, DType type) {
        this(segment, type, Memory.HOST);
    }

    /** Number of elements. */
    public long length() {
        return segment.byteSize() / type.bytes();
    }

    /**
     * Element i.
     *
     * @param i index of an element, from 0
     */
    public double get(long i) {
        memory.beforeRead(this);
        return switch (type) {
            case F32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            case F64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            case BF16 -> Float.intBitsToFloat(segment.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
        };
    }

    /**
     * Stores a number, rounded to the nearest one that the element type can represent.
     *
     * @param i     index of an element, from 0
     * @param value the number
     */
    public void set(long i, double value) {
        memory.beforeWrite(this);
        switch (type) {
            case F32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
            case F64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
            case BF16 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, i, toBfloat16((float) value));
        }
    }

    /**
     * Stores consecutive numbers, rounded as single ones are.
     *
     * @param from   index of the first element, from 0
     * @param values numbers that elements from there on take
     */
    public void set(long from, float[] values) {
        memory.beforeWrite(this);
        if (type == DType.F32) {
            MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, from * type.bytes(), values.length);
        } else {
            for (int i = 0; i < values.length; i++) {
                set(from + i, values[i]);
            }
        }
    }

    /** All elements, in single precision. */
    public float[] toFloats() {
        memory.beforeRead(this);
        if (type == DType.F32) {
            return segment.toArray(ValueLayout.JAVA_FLOAT);
        }
        var values = new float[Math.toIntExact(length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) get(i);
        }
        return values;
    }

    /**
     * Adds {@code value} to element i.
     *
     * @param i     index of an element, from 0
     * @param value number to add
     */
    public void add(long i, double value) {
        set(i, get(i) + value);
    }

    /**
     * Part of this buffer, in the same memory.
     *
     * @param from   index of its first element
     * @param length number of its elements
     */
    public Buffer slice(long from, long length) {
        return new Buffer(segment.asSlice(from * type.bytes(), length * type.bytes()), type, memory);
    }

    /** Sets all elements to zero. */
    public void zero() {
        memory.zero(this);
    }

    /**
     * Copies all of another buffer of the same type and length into this one.
     *
     * @param other buffer to copy from
     */
    public void copyFrom(Buffer other) {
        if (other.type != type || other.length() != length()) {
            throw new IllegalArgumentException("cannot copy " + other.length() + " " + other.type + " elements into "
                    + length() + " " + type + " elements");
        }
        memory.copy(other, this);
    }

    /**
     * Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
     *
     * @param value the number
     */
    public static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        int roundUp = 0x7fff + ((bits >>> 16) & 1);
        return (short) ((bits + roundUp) >>> 16);
    }
}
