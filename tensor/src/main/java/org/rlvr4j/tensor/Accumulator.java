package org.rlvr4j.tensor;

/**
 * Memory that kernels add parts of a gradient to: the first part is written, the others are added.
 *
 * @param buffer where the sum is
 * @param add    whether the buffer holds a sum so far; if not, its content is unspecified
 */
public record Accumulator(Buffer buffer, boolean add) {

    /** The sum so far, for a kernel that always adds: zeros if there is none. */
    public Buffer sum() {
        if (!add) {
            buffer.zero();
        }
        return buffer;
    }
}
