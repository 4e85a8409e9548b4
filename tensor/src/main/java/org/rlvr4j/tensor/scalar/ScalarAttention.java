package org.rlvr4j.tensor.scalar;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.math.Lanes;

/**
 * Reference attention, one query at a time. The positions that a query sees are divided into parts of
 * {@link Lanes#POSITIONS}; each has its own greatest score, sum and result, which are merged from the first part to the
 * last.
 */
record ScalarAttention(Arithmetic math) {

    /** Keys or values of a sequence: feature d at position j. */
    private interface Rows {
        double get(int j, int d);
    }

    /** Keys, values or their gradients by row: those of the batch, and from row {@code total} on those of the prefix. */
    private record Places(Buffer batch, Buffer prefix, int total, Heads heads) {

        static Places of(Buffer batch, @Nullable Buffer prefix, Attention op) {
            return new Places(
                    batch, prefix == null ? batch : prefix, op.segments().total(), op.heads());
        }

        double get(int row, int g, int d) {
            return buffer(row).get(index(row, g) + d);
        }

        Buffer buffer(int row) {
            return row < total ? batch : prefix;
        }

        long index(int row, int g) {
            return ((long) (row < total ? row : row - total) * heads.keyValue() + g) * heads.size();
        }

        Rows rows(int[] rows, int g) {
            return (j, d) -> get(rows[j], g, d);
        }

        /** Adds a part (positions, G, D), rounded as if it were stored. */
        void add(int[] rows, double[] part) {
            int i = 0;
            for (int row : rows) {
                for (int g = 0; g < heads.keyValue(); g++) {
                    for (int d = 0; d < heads.size(); d++) {
                        double term = part[i++];
                        buffer(row).add(index(row, g) + d, batch.type() == DType.F64 ? term : (float) term);
                    }
                }
            }
        }
    }

    private static Places keys(Attention op) {
        Attention.Prefix prefix = op.prefix();
        return Places.of(op.k().data(), prefix == null ? null : prefix.keys().data(), op);
    }

    private static Places values(Attention op) {
        Attention.Prefix prefix = op.prefix();
        return Places.of(op.v().data(), prefix == null ? null : prefix.values().data(), op);
    }

    void forward(Attention op, Buffer y) {
        Segments segments = op.segments();
        Heads heads = op.heads();
        int H = heads.query();
        for (int s = 0; s < segments.count(); s++) {
            int[] rows = segments.rows(s);
            for (int t = segments.start(s); t < segments.end(s); t++) {
                int seen = rows.length - (segments.end(s) - 1 - t);
                for (int h = 0; h < H; h++) {
                    Rows keys = keys(op).rows(rows, h / heads.perGroup());
                    Rows values = values(op).rows(rows, h / heads.perGroup());
                    long row = (long) t * H + h;
                    op.lse().data().set(row, attend(op.q().data(), y, row, keys, values, seen, heads));
                }
            }
        }
    }

    void cached(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] sequences, int H) {
        var heads = new Heads(H, cache.heads().keyValue(), cache.heads().size());
        int D = heads.size();
        for (int b = 0; b < sequences.length; b++) {
            for (int h = 0; h < H; h++) {
                int g = h / heads.perGroup();
                int[] places = places(sequences[b]);
                Rows keys = (j, d) -> cache.keys(layer)
                        .get(cache.start(places[j] / PagedCache.POSITIONS, g)
                                + (long) d * PagedCache.POSITIONS
                                + places[j] % PagedCache.POSITIONS);
                Rows values = (j, d) -> cache.values(layer)
                        .get(cache.start(places[j] / PagedCache.POSITIONS, g)
                                + (long) (places[j] % PagedCache.POSITIONS) * D
                                + d);
                attend(q, y, (long) b * H + h, keys, values, places.length, heads);
            }
        }
    }

    /** Place {@code page * POSITIONS + slot} of each position of a sequence. */
    private static int[] places(PagedCache.Sequence sequence) {
        var places = new int[sequence.length()];
        int j = 0;
        for (int pageIndex = 0; pageIndex < sequence.pages().length; pageIndex++) {
            for (int slot = 0; slot < sequence.counts()[pageIndex]; slot++) {
                places[j++] = sequence.pages()[pageIndex] * PagedCache.POSITIONS + slot;
            }
        }
        return places;
    }

    /** Attention of one query over n positions; returns the logarithm of the sum of exponentiated scores. */
    private double attend(Buffer q, Buffer y, long row, Rows keys, Rows values, int n, Heads heads) {
        int D = heads.size();
        double scale = math.round(heads.scale());
        var result = new double[D];
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        for (int first = 0; first < n; first += Lanes.POSITIONS) {
            int count = Math.min(Lanes.POSITIONS, n - first);
            var scores = new double[count];
            double greatest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < count; j++) {
                for (int d = 0; d < D; d++) {
                    scores[j] = math.fma(q.get(row * D + d), keys.get(first + j, d), scores[j]);
                }
                greatest = Math.max(greatest, scores[j]);
            }
            double shift = math.round(greatest * scale);
            var partSum = new LaneSum(math);
            var part = new double[D];
            for (int j = 0; j < count; j++) {
                double e = math.exp(math.fma(scores[j], scale, -shift));
                partSum.add(j, e);
                for (int d = 0; d < D; d++) {
                    part[d] = math.fma(e, values.get(first + j, d), part[d]);
                }
            }
            double before = first == 0 ? shift : max;
            max = Math.max(before, shift);
            double keep = first == 0 ? 0 : math.exp(math.round(before - max));
            double share = math.exp(math.round(shift - max));
            sum = math.fma(sum, keep, math.round(partSum.total() * share));
            for (int d = 0; d < D; d++) {
                result[d] = math.fma(result[d], keep, math.round(part[d] * share));
            }
        }
        double factor = math.round(1 / sum);
        for (int d = 0; d < D; d++) {
            y.set(row * D + d, result[d] * factor);
        }
        return max + math.log(sum);
    }

    void backward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        Segments segments = op.segments();
        Attention.Prefix prefix = op.prefix();
        Places dKeys = Places.of(dk, prefix == null ? null : prefix.keys().grad(), op);
        Places dValues = Places.of(dv, prefix == null ? null : prefix.values().grad(), op);
        dq.zero();
        dk.zero();
        dv.zero();
        for (int s = 0; s < segments.count(); s++) {
            int[] rows = segments.rows(s);
            var dkPart =
                    new double[rows.length * op.heads().keyValue() * op.heads().size()];
            var dvPart = new double[dkPart.length];
            for (int t = segments.start(s); t < segments.end(s); t++) {
                int seen = rows.length - (segments.end(s) - 1 - t);
                for (int h = 0; h < op.heads().query(); h++) {
                    backward(op, rows, seen, t, h, y, dy, dq, dkPart, dvPart);
                }
            }
            dKeys.add(rows, dkPart);
            dValues.add(rows, dvPart);
        }
    }

    /** Adds to the gradients of one query, and of the keys and values of the positions that it sees. */
    private void backward(
            Attention op,
            int[] rows,
            int seen,
            int t,
            int h,
            Buffer y,
            Buffer dy,
            Buffer dq,
            double[] dkPart,
            double[] dvPart) {
        Heads heads = op.heads();
        int D = heads.size();
        int g = h / heads.perGroup();
        Buffer q = op.q().data();
        Places keys = keys(op);
        Places values = values(op);
        long query = ((long) t * heads.query() + h) * D;
        double scale = math.round(heads.scale());
        double lse = op.lse().get((long) t * heads.query() + h);
        var sum = new LaneSum(math);
        for (int d = 0; d < D; d++) {
            sum.add(d, dy.get(query + d), y.get(query + d));
        }
        double delta = sum.total();
        for (int j = 0; j < seen; j++) {
            double score = 0;
            double dp = 0;
            for (int d = 0; d < D; d++) {
                score = math.fma(q.get(query + d), keys.get(rows[j], g, d), score);
                dp = math.fma(dy.get(query + d), values.get(rows[j], g, d), dp);
            }
            double p = math.exp(math.fma(score, scale, -lse));
            double ds = math.round(math.round(math.round(dp - delta) * p) * scale);
            int at = (j * heads.keyValue() + g) * D;
            for (int d = 0; d < D; d++) {
                dvPart[at + d] = math.fma(p, dy.get(query + d), dvPart[at + d]);
                dq.set(query + d, math.fma(ds, keys.get(rows[j], g, d), dq.get(query + d)));
                dkPart[at + d] = math.fma(ds, q.get(query + d), dkPart[at + d]);
            }
        }
    }
}
