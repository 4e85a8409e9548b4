package org.rlvr4j.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Off-heap memory handed out in order and taken back all at once; single buffers can be given back before that.
 *
 * <p>It grows by blocks, each as large as all before it up to a limit, and keeps them: once a step's peak is known, no
 * further memory is asked for.
 */
public final class TensorArena implements AutoCloseable {

    private static final long ALIGNMENT = 64; // one cache line, and one AVX-512 vector
    private static final long FIRST_BLOCK_BYTES = 1L << 20;
    private static final long LARGEST_BLOCK_BYTES = 64L << 20;

    private final DType type;
    private final Memory memory;
    private final Arena arena;
    private final List<MemorySegment> blocks = new ArrayList<>();
    private final List<Buffer> recycled = new ArrayList<>();
    private int block;
    private long used;
    private long inUse;
    private long peak;

    /** What was handed out: what comes later can be taken back alone. */
    record Mark(int block, long used, long inUse, List<Buffer> recycled) {}

    public TensorArena(DType type) {
        this(type, Memory.HOST);
    }

    public TensorArena(DType type, Memory memory) {
        this.type = type;
        this.memory = memory;
        this.arena = memory.open();
    }

    /** @param reserved bytes of the first block, so that what fits into it lies without gaps */
    TensorArena(DType type, Memory memory, long reserved) {
        this(type, memory);
        blocks.add(arena.allocate(reserved, ALIGNMENT));
    }

    public DType type() {
        return type;
    }

    /** Memory for so many elements; what it holds is unspecified. */
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
            long next = Math.clamp(capacity(), FIRST_BLOCK_BYTES, LARGEST_BLOCK_BYTES);
            blocks.add(arena.allocate(Math.max(bytes, next), ALIGNMENT));
        }
        var buffer = new Buffer(blocks.get(block).asSlice(used, bytes), type, memory);
        memory.forget(buffer);
        long taken = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        used += taken;
        inUse += taken;
        peak = Math.max(peak, inUse);
        return buffer;
    }

    /** Memory for so many zeros. */
    public Buffer zeros(long length) {
        Buffer buffer = allocate(length);
        buffer.zero();
        return buffer;
    }

    /** Takes back one buffer, for the next that is as long: a model's layers ask for the same lengths again. */
    void recycle(Buffer buffer) {
        recycled.add(buffer);
    }

    /** Takes back everything that was handed out. */
    public void release() {
        release(new Mark(0, 0, 0, List.of()));
    }

    Mark mark() {
        return new Mark(block, used, inUse, List.copyOf(recycled));
    }

    /** Takes back what was handed out since. */
    void release(Mark mark) {
        block = mark.block;
        used = mark.used;
        inUse = mark.inUse;
        recycled.clear();
        recycled.addAll(mark.recycled);
    }

    /** Most bytes that were handed out at a time, those that were given back singly included. */
    long peak() {
        return peak;
    }

    /** Bytes asked of the operating system so far. */
    public long capacity() {
        return blocks.stream().mapToLong(MemorySegment::byteSize).sum();
    }

    @Override
    public void close() {
        arena.close();
    }
}
