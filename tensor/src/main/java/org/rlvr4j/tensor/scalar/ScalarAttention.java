package org.rlvr4j.tensor.scalar;

import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Segments;

/** Reference attention, one query at a time. */
final class ScalarAttention {

    private ScalarAttention() {}

    /** Keys or values of a sequence: feature d at position j. */
    private interface Rows {
        double get(int j, int d);
    }

    static void forward(Attention op, Buffer y) {
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

    static void cached(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] sequences, int H) {
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
    private static double attend(Buffer q, Buffer y, long row, Rows keys, Rows values, int n, Heads heads) {
        int D = heads.size();
        var scores = new double[n];
        for (int j = 0; j < n; j++) {
            for (int d = 0; d < D; d++) {
                scores[j] += q.get(row * D + d) * keys.get(j, d);
            }
            scores[j] *= heads.scale();
        }
        double lse = ScalarLogProb.logSumExp(scores);
        for (int d = 0; d < D; d++) {
            double sum = 0;
            for (int j = 0; j < n; j++) {
                sum += Math.exp(scores[j] - lse) * values.get(j, d);
            }
            y.set(row * D + d, sum);
        }
        return lse;
    }

    static void backward(Attention attention, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
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

    private static void backward(
            Attention attention, int start, int t, int h, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        Heads heads = attention.heads();
        int D = heads.size();
        Buffer q = attention.q().data();
        Buffer k = attention.k().data();
        Buffer v = attention.v().data();
        long query = ((long) t * heads.query() + h) * D;
        double lse = attention.lse().get((long) t * heads.query() + h);
        double delta = 0;
        for (int d = 0; d < D; d++) {
            delta += dy.get(query + d) * y.get(query + d);
        }
        for (int j = start; j <= t; j++) {
            long key = ((long) j * heads.keyValue() + h / heads.perGroup()) * D;
            double score = 0;
            double dp = 0;
            for (int d = 0; d < D; d++) {
                score += q.get(query + d) * k.get(key + d);
                dp += dy.get(query + d) * v.get(key + d);
            }
            double p = Math.exp(score * heads.scale() - lse);
            double ds = p * (dp - delta) * heads.scale();
            for (int d = 0; d < D; d++) {
                dv.add(key + d, p * dy.get(query + d));
                dq.add(query + d, ds * k.get(key + d));
                dk.add(key + d, ds * q.get(query + d));
            }
        }
    }
}
