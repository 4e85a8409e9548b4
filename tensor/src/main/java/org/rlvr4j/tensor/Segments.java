package org.rlvr4j.tensor;

import java.util.Arrays;

/** Row ranges of the sequences in a packed batch, which has no padding between them. */
public final class Segments {

    private final int[] starts; // first row of each sequence, then the total

    private Segments(int[] starts) {
        this.starts = starts;
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
        return new Segments(starts);
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

    /** Position of each row in its sequence, from 0. */
    public int[] positions() {
        var positions = new int[total()];
        for (int s = 0; s < count(); s++) {
            for (int t = start(s); t < end(s); t++) {
                positions[t] = t - start(s);
            }
        }
        return positions;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Segments that && Arrays.equals(starts, that.starts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(starts);
    }

    @Override
    public String toString() {
        return "Segments" + Arrays.toString(starts);
    }
}
