package org.rlvr4j.tensor;

/** What the elements of an arena are. */
public enum DType {
    /** IEEE single precision: the arithmetic of training and generation. */
    F32(4),
    /** The upper half of a single: storage only. */
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
