package org.rlvr4j.tensor;

/** Element type of numbers in memory. */
public enum DType {
    /** IEEE single precision: the arithmetic of training and generation. */
    F32(4),
    /** Upper half of a single-precision number: storage only. */
    BF16(2),
    /** IEEE double precision: the scalar backend's arena in tests. */
    F64(8);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    public int bytes() {
        return bytes;
    }
}
