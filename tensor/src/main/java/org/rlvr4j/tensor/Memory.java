package org.rlvr4j.tensor;

import java.lang.foreign.Arena;

/**
 * Memory that the kernels of a backend work on, with notifications of accesses by the host.
 *
 * <p>A device has separate memory. Its backend tracks which side holds the newer numbers of a buffer, and transfers
 * them when the other side needs them; these methods tell it when the host does.
 */
public interface Memory {

    /** Host memory, in which CPU kernels work: nothing is transferred. */
    Memory HOST = _ -> Arena.ofShared();

    /**
     * Opens an arena to allocate blocks from; closing it frees them.
     *
     * @param role role of the tensors in the blocks
     */
    Arena open(Role role);

    /**
     * Size in bytes of the largest block that can be relied on while there is room; a single tensor may take more.
     *
     * @param role role of the tensors in the block
     */
    default long largestBlock(Role role) {
        return Long.MAX_VALUE;
    }

    /**
     * Called before a buffer is reused: its content no longer matters.
     *
     * @param buffer buffer in this memory
     */
    default void forget(Buffer buffer) {}

    /**
     * Called before the host reads from a buffer.
     *
     * @param buffer buffer in this memory
     */
    default void beforeRead(Buffer buffer) {}

    /**
     * Called before the host changes some numbers of a buffer.
     *
     * @param buffer buffer in this memory
     */
    default void beforeWrite(Buffer buffer) {}

    /**
     * Sets all of a buffer to zero.
     *
     * @param buffer buffer in this memory
     */
    default void zero(Buffer buffer) {
        buffer.segment().fill((byte) 0);
    }

    /**
     * Copies a buffer to another one of the same length, in the same memory.
     *
     * @param from buffer to copy from
     * @param to   buffer to copy to
     */
    default void copy(Buffer from, Buffer to) {
        to.segment().copyFrom(from.segment());
    }
}
