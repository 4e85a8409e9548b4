package org.rlvr4j.tensor;

import java.util.Arrays;

/**
 * Row ranges of the sequences in a packed batch, which has no padding between them.
 *
 * <p>A sequence may continue another one, as a response continues its prompt: then it has the other's positions before
 * its own. The other lies behind it in the batch, or outside of the batch, as {@link #continuing} says.
 */
public final class Segments {

    /** In place of the sequence that another one continues: it continues none. */
    public static final int NONE = -1;

    private final int[] starts; // first row of each sequence, then the total
    private final int[] parents; // sequence that each one continues, or NONE
    private final int outside; // rows of the sequence outside of the batch

    private Segments(int[] starts, int[] parents, int outside) {
        this.starts = starts;
        this.parents = parents;
        this.outside = outside;
    }

    /**
     * Sequences of given lengths, one after another.
     *
     * @param lengths number of rows of each sequence
     */
    public static Segments ofLengths(int... lengths) {
        var starts = new int[lengths.length + 1];
        for (int s = 0; s < lengths.length; s++) {
            if (lengths[s] < 0) {
                throw new IllegalArgumentException("sequence " + s + " has length " + lengths[s]);
            }
            starts[s + 1] = Math.addExact(starts[s], lengths[s]);
        }
        var parents = new int[lengths.length];
        Arrays.fill(parents, NONE);
        return new Segments(starts, parents, 0);
    }

    /**
     * The same row ranges, some of which continue others.
     *
     * <p>A sequence lies behind those that continue it, so that they have added to the gradients of its keys and values
     * before these flow through it.
     *
     * @param outside number of rows of a sequence that is not in this batch; 0 if there is none
     * @param parents for each sequence the later one that it continues, {@link #count()} for the one that is not in this
     *                batch, or {@link #NONE}
     */
    public Segments continuing(int outside, int... parents) {
        if (parents.length != count()) {
            throw new IllegalArgumentException(parents.length + " parents for " + count() + " sequences");
        }
        int last = outside > 0 ? count() : count() - 1;
        for (int s = 0; s < count(); s++) {
            if (parents[s] != NONE && (parents[s] <= s || parents[s] > last)) {
                throw new IllegalArgumentException("sequence " + s + " of " + count() + " continues " + parents[s]
                        + ", which does not lie behind it");
            }
        }
        return new Segments(starts, parents.clone(), outside);
    }

    public int count() {
        return starts.length - 1;
    }

    /**
     * First row of sequence s.
     *
     * @param s sequence, from 0
     */
    public int start(int s) {
        return starts[s];
    }

    /**
     * Row after the last one of sequence s.
     *
     * @param s sequence, from 0
     */
    public int end(int s) {
        return starts[s + 1];
    }

    /**
     * Number of rows of sequence s.
     *
     * @param s sequence, from 0
     */
    public int length(int s) {
        return starts[s + 1] - starts[s];
    }

    /** Number of rows of all sequences together. */
    public int total() {
        return starts[count()];
    }

    /** Whether a sequence continues another one. */
    public boolean isTree() {
        return Arrays.stream(parents).anyMatch(parent -> parent != NONE);
    }

    /**
     * Sequence that sequence s continues: a later one, {@link #count()} for the one outside of the batch, or
     * {@link #NONE}.
     *
     * @param s sequence, from 0
     */
    public int parent(int s) {
        return s == count() ? NONE : parents[s];
    }

    /** Number of rows of the sequence outside of the batch; 0 if there is none. */
    public int outside() {
        return outside;
    }

    /**
     * Number of positions before the first row of sequence s, which are those of the sequences that it continues.
     *
     * @param s sequence, from 0
     */
    public int before(int s) {
        int before = 0;
        for (int parent = parent(s); parent != NONE; parent = parent(parent)) {
            before += parent == count() ? outside : length(parent);
        }
        return before;
    }

    /**
     * Row of each position of sequence s, beginning with those that it continues. The rows of the sequence outside of
     * the batch count from {@link #total()}.
     *
     * @param s sequence, from 0
     */
    public int[] rows(int s) {
        int at = before(s) + length(s);
        var rows = new int[at];
        for (int part = s; part != NONE; part = parent(part)) {
            int length = part == count() ? outside : length(part);
            at -= length;
            for (int t = 0; t < length; t++) {
                rows[at + t] = starts[part] + t;
            }
        }
        return rows;
    }

    /** Position of each row in its sequence, counted from the beginning of the sequences that it continues. */
    public int[] positions() {
        var positions = new int[total()];
        for (int s = 0; s < count(); s++) {
            int before = before(s);
            for (int t = start(s); t < end(s); t++) {
                positions[t] = before + t - start(s);
            }
        }
        return positions;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Segments that
                && Arrays.equals(starts, that.starts)
                && Arrays.equals(parents, that.parents)
                && outside == that.outside;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(starts) + Arrays.hashCode(parents);
    }

    @Override
    public String toString() {
        String tree = isTree() ? " continuing " + Arrays.toString(parents) : "";
        return "Segments" + Arrays.toString(starts) + tree;
    }
}
