package org.rlvr4j.tensor;

import java.util.ArrayDeque;

/**
 * Keys and values of sequences being generated, in pages of {@link #POSITIONS}, which sequences may share.
 *
 * <p>Per layer, a page holds keys as (G, D, positions), so that the scores of neighbouring positions are one vector, and
 * values as (G, positions, D).
 */
public final class PagedCache implements AutoCloseable {

    /** Positions of one page. */
    public static final int POSITIONS = 64;

    private final Heads heads;
    private final TensorArena arena;
    private final Buffer[] keys;
    private final Buffer[] values;
    private final ArrayDeque<Integer> free = new ArrayDeque<>();

    /** @param pages how many there are to hand out */
    public PagedCache(Workspace workspace, int layers, Heads heads, int pages) {
        this.heads = heads;
        DType type = workspace.type();
        long size = size(heads, pages);
        this.arena = new TensorArena(type, workspace.backend().memory(), 2L * layers * size * type.bytes());
        this.keys = new Buffer[layers];
        this.values = new Buffer[layers];
        for (int layer = 0; layer < layers; layer++) {
            keys[layer] = arena.allocate(size);
            values[layer] = arena.allocate(size);
        }
        for (int page = 0; page < pages; page++) {
            free.add(page);
        }
    }

    /** Elements of the keys of one layer, or of its values, and some that kernels may read with the last of them. */
    public static long size(Heads heads, int pages) {
        return (long) pages * heads.keyValue() * heads.size() * POSITIONS + Panels.WIDTH;
    }

    public Heads heads() {
        return heads;
    }

    public Buffer keys(int layer) {
        return keys[layer];
    }

    public Buffer values(int layer) {
        return values[layer];
    }

    /** Where the part of a page that belongs to a key-value head begins, in keys as in values. */
    public long start(int page, int head) {
        return ((long) page * heads.keyValue() + head) * heads.size() * POSITIONS;
    }

    /** Pages a sequence of this length takes. */
    public static int pagesFor(int positions) {
        return (positions + POSITIONS - 1) / POSITIONS;
    }

    /** Pages that nobody holds. */
    public int available() {
        return free.size();
    }

    /** A page of one's own. */
    public int take() {
        Integer page = free.poll();
        if (page == null) {
            throw new IllegalStateException("the key-value cache is full");
        }
        return page;
    }

    public void giveBack(int page) {
        free.add(page);
    }

    @Override
    public void close() {
        arena.close();
    }

    /**
     * Where one sequence's positions are, in order.
     *
     * @param pages  the pages
     * @param counts how many positions of each belong to the sequence
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
