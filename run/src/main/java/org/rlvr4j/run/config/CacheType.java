package org.rlvr4j.run.config;

import org.rlvr4j.tensor.DType;

/** Type in which the keys and values of sequences being generated are kept. */
public enum CacheType {
    /** Single precision, as they are computed: log-probabilities are those of the training forward, to the last bit. */
    FLOAT32(DType.F32),
    /** Rounded to half the memory: log-probabilities are only close to those of the training forward. */
    BFLOAT16(DType.BF16);

    private final DType type;

    CacheType(DType type) {
        this.type = type;
    }

    /** Element type of the cache. */
    public DType type() {
        return type;
    }
}
