package org.rlvr4j.tensor;

import java.util.List;

/**
 * Mean of each sequence, repeated in each of its rows: {@code y[t] = mean of x over the sequence of t}.
 *
 * @param x        (T, 1) column
 * @param segments row ranges of the sequences
 */
record SegmentMean(Tensor x, Segments segments) implements Op {

    static Tensor forward(Tensor x, Segments segments) {
        if (x.cols() != 1 || x.rows() != segments.total()) {
            throw new IllegalArgumentException(segments.total() + " rows of sequences, but shape " + x.shape());
        }
        Buffer y = x.workspace().allocate(x.rows());
        spreadMeans(x.data(), segments, y);
        return Tensor.of(new SegmentMean(x, segments), x.shape(), y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x);
    }

    /** Every x of a sequence has the share 1/n in every y of it, so dx[t] = mean of dy over the sequence of t. */
    @Override
    public void backward(Tensor out) {
        Buffer shares = x.workspace().allocate(x.rows());
        spreadMeans(out.grad(), segments, shares);
        for (int t = 0; t < x.rows(); t++) {
            x.grad().add(t, shares.get(t));
        }
    }

    private static void spreadMeans(Buffer from, Segments segments, Buffer to) {
        for (int s = 0; s < segments.count(); s++) {
            double sum = 0;
            for (int t = segments.start(s); t < segments.end(s); t++) {
                sum += from.get(t);
            }
            for (int t = segments.start(s); t < segments.end(s); t++) {
                to.set(t, sum / segments.length(s));
            }
        }
    }
}
