package org.rlvr4j.tensor;

import java.lang.foreign.Arena;

/**
 * Where the numbers that a backend's kernels work on are kept, and how the host gets to see them.
 *
 * <p>A device has memory of its own. Its backend keeps note of which side holds the newer numbers of a buffer, and moves
 * them when the other side asks: this is what it is told by.
 */
public interface Memory {

    /** The host's own, on which a CPU's kernels work: nothing has to move. */
    Memory HOST = Arena::ofShared;

    /** A source of blocks, which go back when it is closed. */
    Arena open();

    /** A buffer is about to be used anew: what it holds no longer matters. */
    default void forget(Buffer buffer) {}

    /** The host is about to read from a buffer. */
    default void beforeRead(Buffer buffer) {}

    /** The host is about to change some numbers of a buffer. */
    default void beforeWrite(Buffer buffer) {}

    /** Makes all of a buffer zero. */
    default void zero(Buffer buffer) {
        buffer.segment().fill((byte) 0);
    }

    /** Copies all of a buffer into another as long, of the same memory. */
    default void copy(Buffer from, Buffer to) {
        to.segment().copyFrom(from.segment());
    }
}
