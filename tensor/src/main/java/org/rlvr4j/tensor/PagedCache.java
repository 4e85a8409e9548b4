package org.rlvr4j.tensor;

import java.util.ArrayDeque;

/**
 * Key-value cache of sequences being generated, in pages of {@link #POSITIONS} positions, which sequences may share.
 *
 * <p>Per layer, a page holds keys as (G, D, positions), so that the scores of neighbouring positions form one vector,
 * and values as (G, positions, D).
 */
public final class PagedCache implements AutoCloseable {

    /** Positions per page. */
    public static final int POSITIONS = 64;

    private final Heads heads;
    private final TensorArena arena;
    private final Buffer[] keys;
    private final Buffer[] values;
    private final ArrayDeque<Integer> free = new ArrayDeque<>();

    /**
     * A cache that holds keys and values as they are computed.
     *
     * @param workspace workspace whose element type and kind of memory the cache has
     * @param layers    number of layers of the model
     * @param heads     number and size of the heads
     * @param pages     number of pages
     */
    public PagedCache(Workspace workspace, int layers, Heads heads, int pages) {
        this(workspace, layers, heads, pages, workspace.type());
    }

    /**
     * A cache that holds keys and values as another type.
     *
     * @param workspace workspace whose kind of memory the cache has
     * @param layers    number of layers of the model
     * @param heads     number and size of the heads
     * @param pages     number of pages
     * @param type      type of the keys and values in memory: the workspace's, or bfloat16
     * @throws IllegalArgumentException if the workspace's backend cannot read this type
     */
    public PagedCache(Workspace workspace, int layers, Heads heads, int pages, DType type) {
        require(workspace, type);
        this.heads = heads;
        long size = size(heads, pages);
        this.arena = new TensorArena(type, workspace.backend().memory(), 2L * layers * size * type.bytes());
        this.keys = new Buffer[layers];
        this.values = new Buffer[layers];
        for (int layer = 0; layer < layers; layer++) {
            Buffer both = arena.allocate(2 * size); // in one block, as a kernel reads them together
            keys[layer] = both.slice(0, size);
            values[layer] = both.slice(size, size);
        }
        for (int page = 0; page < pages; page++) {
            free.add(page);
        }
    }

    /**
     * Requires that keys and values can be cached as a type.
     *
     * @param workspace workspace whose backend is to read them
     * @param type      type of the keys and values in memory
     * @throws IllegalArgumentException if the workspace's backend cannot read this type
     */
    public static void require(Workspace workspace, DType type) {
        Require.that(
                type == workspace.type()
                        || (type == DType.BF16 && workspace.backend().cachesBfloat16()),
                "this device has no cache of keys and values as " + type + ", only as " + workspace.type());
    }

    /**
     * Elements of the keys of one layer, or of its values, with padding that kernels may read beyond the last page.
     *
     * @param heads number and size of the heads
     * @param pages number of pages
     */
    public static long size(Heads heads, int pages) {
        return (long) pages * heads.keyValue() * heads.size() * POSITIONS + Panels.WIDTH;
    }

    /** Number and size of the heads. */
    public Heads heads() {
        return heads;
    }

    /**
     * Keys of a layer.
     *
     * @param layer layer of the model, from 0
     */
    public Buffer keys(int layer) {
        return keys[layer];
    }

    /**
     * Values of a layer.
     *
     * @param layer layer of the model, from 0
     */
    public Buffer values(int layer) {
        return values[layer];
    }

    /**
     * Index at which the part of a page for a key-value head begins, in keys as in values.
     *
     * @param page page, from 0
     * @param head key-value head, from 0
     */
    public long start(int page, int head) {
        return ((long) page * heads.keyValue() + head) * heads.size() * POSITIONS;
    }

    /**
     * Number of pages for a sequence of this length.
     *
     * @param positions number of positions of the sequence
     */
    public static int pagesFor(int positions) {
        return (positions + POSITIONS - 1) / POSITIONS;
    }

    /** Number of free pages. */
    public int available() {
        return free.size();
    }

    /** Takes a free page. */
    public int take() {
        Integer page = free.poll();
        if (page == null) {
            throw new IllegalStateException("the key-value cache is full");
        }
        return page;
    }

    /**
     * Gives a page back, which is then free.
     *
     * @param page page that was taken
     */
    public void giveBack(int page) {
        free.add(page);
    }

    @Override
    public void close() {
        arena.close();
    }

    /**
     * Pages of one sequence, in the order of its positions.
     *
     * @param pages  page numbers
     * @param counts number of positions in each page that belong to the sequence
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity only; made anew for each decoding step
    public record Sequence(int[] pages, int[] counts) {

        public int length() {
            int sum = 0;
            for (int count : counts) {
                sum += count;
            }
            return sum;
        }
    }
}
