package org.rlvr4j.tensor;

/**
 * Buffer in which kernels sum the parts of a gradient: the first part is written, later parts are added.
 *
 * @param buffer memory of the sum
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
