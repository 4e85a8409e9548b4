package org.rlvr4j.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Off-heap allocator: buffers are allocated in order and released all at once; single buffers can be recycled earlier.
 *
 * <p>It grows in blocks, each as large as all earlier ones together up to a limit, and keeps them: once a step has
 * reached its peak, no more memory is requested.
 */
public final class TensorArena implements AutoCloseable {

    private static final long ALIGNMENT = 128; // a line of a device's memory; two cache lines, and two AVX-512 vectors
    private static final long FIRST_BLOCK_BYTES = 1L << 20;
    private static final long LARGEST_BLOCK_BYTES = 64L << 20;

    private final DType type;
    private final Memory memory;
    private final long largestBlock;
    private final Arena arena;
    private final List<MemorySegment> blocks = new ArrayList<>();
    private final List<Buffer> recycled = new ArrayList<>();
    private int block;
    private long used;
    private long inUse;
    private long peak;

    /** Position in the order of allocations: buffers allocated after it can be released separately. */
    record Mark(int block, long used, long inUse, List<Buffer> recycled) {}

    /**
     * An empty arena in host memory.
     *
     * @param type type of its elements
     */
    public TensorArena(DType type) {
        this(type, Memory.HOST);
    }

    /**
     * An empty arena of activations.
     *
     * @param type   type of its elements
     * @param memory kind of memory
     */
    public TensorArena(DType type, Memory memory) {
        this(type, memory, Role.ACTIVATIONS);
    }

    /**
     * An empty arena.
     *
     * @param type   type of its elements
     * @param memory kind of memory
     * @param role   role of its tensors
     */
    public TensorArena(DType type, Memory memory, Role role) {
        this.type = type;
        this.memory = memory;
        this.largestBlock = memory.largestBlock(role);
        this.arena = memory.open(role);
    }

    /**
     * @param reserved size of the first block in bytes, or of the first blocks if the memory gives no such block;
     *                 allocations that fit into a block lie without gaps
     */
    TensorArena(DType type, Memory memory, long reserved) {
        this(type, memory);
        for (long left = reserved; left > 0; left -= largestBlock) {
            blocks.add(arena.allocate(Math.min(left, largestBlock), ALIGNMENT));
        }
    }

    public DType type() {
        return type;
    }

    /**
     * Allocates {@code length} elements of unspecified content.
     *
     * @param length number of elements
     */
    public Buffer allocate(long length) {
        for (int i = recycled.size() - 1; i >= 0; i--) {
            if (recycled.get(i).length() == length) {
                memory.forget(recycled.get(i));
                return recycled.remove(i);
            }
        }
        long bytes = Math.multiplyExact(length, type.bytes());
        while (block < blocks.size() && used + bytes > blocks.get(block).byteSize()) {
            block++;
            used = 0;
        }
        if (block == blocks.size()) {
            long blockBytes = Math.clamp(capacity(), FIRST_BLOCK_BYTES, LARGEST_BLOCK_BYTES);
            blocks.add(arena.allocate(Math.max(bytes, Math.min(blockBytes, largestBlock)), ALIGNMENT));
        }
        var buffer = new Buffer(blocks.get(block).asSlice(used, bytes), type, memory);
        memory.forget(buffer);
        long alignedBytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        used += alignedBytes;
        inUse += alignedBytes;
        peak = Math.max(peak, inUse);
        return buffer;
    }

    /**
     * Allocates {@code length} zeros.
     *
     * @param length number of elements
     */
    public Buffer zeros(long length) {
        Buffer buffer = allocate(length);
        buffer.zero();
        return buffer;
    }

    /**
     * Takes one buffer back for the next allocation of the same length: the layers of a model repeat the same lengths.
     */
    void recycle(Buffer buffer) {
        recycled.add(buffer);
    }

    /** Releases all buffers. */
    public void release() {
        release(new Mark(0, 0, 0, List.of()));
    }

    Mark mark() {
        return new Mark(block, used, inUse, List.copyOf(recycled));
    }

    /** Releases the buffers allocated since the mark. */
    void release(Mark mark) {
        block = mark.block;
        used = mark.used;
        inUse = mark.inUse;
        recycled.clear();
        recycled.addAll(mark.recycled);
    }

    /** Largest number of bytes allocated at one time, recycled buffers included. */
    long peak() {
        return peak;
    }

    /** Bytes allocated from the operating system so far. */
    public long capacity() {
        return blocks.stream().mapToLong(MemorySegment::byteSize).sum();
    }

    @Override
    public void close() {
        arena.close();
    }
}
