package org.rlvr4j.tensor;

/**
 * Where a kernel puts what it finds of a gradient: the first of several writes it, the others add to it.
 *
 * @param add whether the buffer holds a sum so far; if not, its content is unspecified
 */
public record Gradient(Buffer buffer, boolean add) {

    /** The sum so far, for a kernel that always adds: zeros if there is none. */
    public Buffer sum() {
        if (!add) {
            buffer.zero();
        }
        return buffer;
    }
}
