package org.rlvr4j.tensor.scalar;

import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
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

    void forward(Attention op, Buffer y) {
        Segments segments = op.segments();
        Heads heads = op.heads();
        Buffer q = op.q().data();
        Buffer k = op.k().data();
        Buffer v = op.v().data();
        int H = heads.query();
        for (int s = 0; s < segments.count(); s++) {
            for (int t = segments.start(s); t < segments.end(s); t++) {
                for (int h = 0; h < H; h++) {
                    Rows keys = rows(k, segments.start(s), h / heads.perGroup(), heads);
                    Rows values = rows(v, segments.start(s), h / heads.perGroup(), heads);
                    long row = (long) t * H + h;
                    op.lse().data().set(row, attend(q, y, row, keys, values, t - segments.start(s) + 1, heads));
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

    private static Rows rows(Buffer x, int start, int g, Heads heads) {
        return (j, d) -> x.get(((long) (start + j) * heads.keyValue() + g) * heads.size() + d);
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

    void backward(Attention attention, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        Segments segments = attention.segments();
        dq.zero();
        dk.zero();
        dv.zero();
        for (int s = 0; s < segments.count(); s++) {
            for (int t = segments.start(s); t < segments.end(s); t++) {
                for (int h = 0; h < attention.heads().query(); h++) {
                    backward(attention, segments.start(s), t, h, y, dy, dq, dk, dv);
                }
            }
        }
    }

    private void backward(
            Attention attention, int start, int t, int h, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        Heads heads = attention.heads();
        int D = heads.size();
        Buffer q = attention.q().data();
        Buffer k = attention.k().data();
        Buffer v = attention.v().data();
        long query = ((long) t * heads.query() + h) * D;
        double scale = math.round(heads.scale());
        double lse = attention.lse().get((long) t * heads.query() + h);
        var sum = new LaneSum(math);
        for (int d = 0; d < D; d++) {
            sum.add(d, dy.get(query + d), y.get(query + d));
        }
        double delta = sum.total();
        for (int j = start; j <= t; j++) {
            long key = ((long) j * heads.keyValue() + h / heads.perGroup()) * D;
            double score = 0;
            double dp = 0;
            for (int d = 0; d < D; d++) {
                score = math.fma(q.get(query + d), k.get(key + d), score);
                dp = math.fma(dy.get(query + d), v.get(key + d), dp);
            }
            double p = math.exp(math.fma(score, scale, -lse));
            double ds = math.round(math.round(math.round(dp - delta) * p) * scale);
            for (int d = 0; d < D; d++) {
                dv.set(key + d, math.fma(p, dy.get(query + d), dv.get(key + d)));
                dq.set(query + d, math.fma(ds, k.get(key + d), dq.get(query + d)));
                dk.set(key + d, math.fma(ds, q.get(query + d), dk.get(key + d)));
            }
        }
    }
}
