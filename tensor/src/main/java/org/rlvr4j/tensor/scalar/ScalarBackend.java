package org.rlvr4j.tensor.scalar;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Embedding;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.Rope;
import org.rlvr4j.tensor.RopeTable;
import org.rlvr4j.tensor.SwiGlu;
import org.rlvr4j.tensor.Tensor;

/**
 * Reference backend: one plain loop per kernel, in double precision. It is slow, obvious, and the definition that every
 * other backend agrees with.
 */
public final class ScalarBackend implements Backend {

    @Override
    public void linear(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N) {
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                double sum = bias == null ? 0 : bias.get(n);
                for (int k = 0; k < K; k++) {
                    sum += x.get((long) t * K + k) * w.get(Panels.index(n, k, K, w.type()));
                }
                y.set((long) t * N + n, sum);
            }
        }
    }

    @Override
    public void linearBackwardInput(Buffer dy, Buffer w, Accumulator accumulator, int T, int K, int N) {
        Buffer dx = accumulator.sum();
        for (int t = 0; t < T; t++) {
            for (int k = 0; k < K; k++) {
                double sum = dx.get((long) t * K + k);
                for (int n = 0; n < N; n++) {
                    sum += dy.get((long) t * N + n) * w.get(Panels.index(n, k, K, w.type()));
                }
                dx.set((long) t * K + k, sum);
            }
        }
    }

    @Override
    public void linearBackwardWeight(Buffer dy, Buffer x, Accumulator accumulator, int T, int K, int N) {
        Buffer dw = accumulator.sum();
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                for (int k = 0; k < K; k++) {
                    dw.add(Panels.index(n, k, K), dy.get((long) t * N + n) * x.get((long) t * K + k));
                }
            }
        }
    }

    @Override
    public void linearBackwardBias(Buffer dy, Buffer db, int T, int N) {
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                db.add(n, dy.get((long) t * N + n));
            }
        }
    }

    @Override
    public void rmsNorm(RmsNorm op, Buffer y) {
        Buffer x = op.x().data();
        Buffer w = op.w().data();
        Buffer rstd = op.rstd().data();
        int T = op.rstd().rows();
        int C = op.w().rows();
        for (int t = 0; t < T; t++) {
            long row = (long) t * C;
            double squares = 0;
            for (int c = 0; c < C; c++) {
                squares += x.get(row + c) * x.get(row + c);
            }
            rstd.set(t, 1 / Math.sqrt(squares / C + op.epsilon()));
            for (int c = 0; c < C; c++) {
                y.set(row + c, x.get(row + c) * rstd.get(t) * w.get(c));
            }
        }
    }

    @Override
    public void rmsNormBackward(RmsNorm op, Buffer dy, Buffer dx, Buffer dw) {
        Buffer x = op.x().data();
        Buffer w = op.w().data();
        Buffer rstd = op.rstd().data();
        int T = op.rstd().rows();
        int C = op.w().rows();
        for (int t = 0; t < T; t++) {
            long row = (long) t * C;
            double r = rstd.get(t);
            double mean = 0;
            for (int c = 0; c < C; c++) {
                double n = x.get(row + c) * r;
                dw.add(c, dy.get(row + c) * n);
                mean += dy.get(row + c) * w.get(c) * n / C;
            }
            for (int c = 0; c < C; c++) {
                dx.add(row + c, r * (dy.get(row + c) * w.get(c) - x.get(row + c) * r * mean));
            }
        }
    }

    @Override
    public void rope(Rope op, Buffer x, Buffer y, int sign) {
        RopeTable table = op.table();
        int[] positions = op.positions();
        int heads = op.heads();
        int D = op.size();
        table.cover(positions);
        for (int t = 0; t < positions.length; t++) {
            for (int h = 0; h < heads; h++) {
                long head = ((long) t * heads + h) * D;
                for (int i = 0; i < D / 2; i++) {
                    double cos = table.cos(positions[t], i);
                    double sin = sign * table.sin(positions[t], i);
                    double a = x.get(head + i);
                    double b = x.get(head + D / 2 + i);
                    y.set(head + i, a * cos - b * sin);
                    y.set(head + D / 2 + i, b * cos + a * sin);
                }
            }
        }
    }

    @Override
    public void attention(Attention op, Buffer y) {
        ScalarAttention.forward(op, y);
    }

    @Override
    public void attentionBackward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        ScalarAttention.backward(op, y, dy, dq, dk, dv);
    }

    @Override
    public void cacheAppend(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots) {
        int G = cache.heads().keyValue();
        int D = cache.heads().size();
        for (int b = 0; b < pages.length; b++) {
            for (int g = 0; g < G; g++) {
                long start = cache.start(pages[b], g);
                for (int d = 0; d < D; d++) {
                    long from = ((long) b * G + g) * D + d;
                    cache.keys(layer).set(start + (long) d * PagedCache.POSITIONS + slots[b], k.get(from));
                    cache.values(layer).set(start + (long) slots[b] * D + d, v.get(from));
                }
            }
        }
    }

    @Override
    public void cachedAttention(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] rows, int H) {
        ScalarAttention.cached(q, y, cache, layer, rows, H);
    }

    @Override
    public void swiGlu(SwiGlu op, Buffer y) {
        Buffer gate = op.gate().data();
        Buffer up = op.up().data();
        for (long i = 0; i < y.length(); i++) {
            y.set(i, gate.get(i) / (1 + Math.exp(-gate.get(i))) * up.get(i));
        }
    }

    @Override
    public void swiGluBackward(SwiGlu op, Buffer dy, Buffer dgate, Buffer dup) {
        Buffer gate = op.gate().data();
        Buffer up = op.up().data();
        for (long i = 0; i < dy.length(); i++) {
            double g = gate.get(i);
            double s = 1 / (1 + Math.exp(-g));
            dgate.set(i, dy.get(i) * up.get(i) * s * (1 + g * (1 - s)));
            dup.set(i, dy.get(i) * g * s);
        }
    }

    @Override
    public void embedding(Embedding op, Buffer y) {
        int C = op.table().cols();
        for (int t = 0; t < op.ids().length; t++) {
            for (int c = 0; c < C; c++) {
                y.set((long) t * C + c, op.table().get(op.table().index(op.ids()[t], c)));
            }
        }
    }

    @Override
    public void embeddingBackward(int[] ids, Buffer dy, Buffer dtable, int C) {
        for (int t = 0; t < ids.length; t++) {
            for (int c = 0; c < C; c++) {
                dtable.add(Panels.index(ids[t], c, C), dy.get((long) t * C + c));
            }
        }
    }

    @Override
    public void logProb(LogProb op, Buffer out) {
        ScalarLogProb.forward(op, out);
    }

    @Override
    public void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        ScalarLogProb.backward(op, out, dout, dx, dw == null ? null : dw.sum());
    }

    @Override
    public void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse) {
        int V = w.rows();
        for (int t = 0; t < x.rows(); t++) {
            double[] z = ScalarLogProb.row(x, w, temperature, t);
            lse.set(t, ScalarLogProb.logSumExp(z));
            for (int i = 0; i < V; i++) {
                logits.set((long) t * V + i, z[i]);
            }
        }
    }

    @Override
    public int quantile(Buffer logits, long start, int V, double lse, double bound) {
        double sum = 0;
        int last = 0;
        for (int i = 0; i < V; i++) {
            double p = Math.exp(logits.get(start + i) - lse);
            sum += p;
            if (p > 0) {
                last = i;
            }
            if (sum > bound) {
                return i;
            }
        }
        return last;
    }

    @Override
    public void add(Buffer a, Buffer b, Buffer y) {
        for (long i = 0; i < y.length(); i++) {
            y.set(i, a.get(i) + b.get(i));
        }
    }

    @Override
    public double sumOfSquares(Buffer x) {
        double sum = 0;
        for (long i = 0; i < x.length(); i++) {
            sum += x.get(i) * x.get(i);
        }
        return sum;
    }

    @Override
    public void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars s) {
        for (long i = 0; i < weights.length(); i++) {
            double g = grads.get(i) * s.gradScale();
            m.set(i, s.beta1() * m.get(i) + (1 - s.beta1()) * g);
            v.set(i, s.beta2() * v.get(i) + (1 - s.beta2()) * g * g);
            double change = s.stepSize() * m.get(i) / (Math.sqrt(v.get(i)) * s.rootScale() + s.epsilon());
            weights.set(i, weights.get(i) * s.keep() - change);
        }
    }
}
