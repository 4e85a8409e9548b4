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
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.SingleMath;
import org.rlvr4j.tensor.math.SoftmaxPart;

/**
 * Reference backend: one plain loop per kernel. It is slow, obvious, and the definition that every other backend agrees
 * with: over single precision it rounds after each operation, adds in the order of {@link Lanes} and has the polynomials
 * of {@link SingleMath}, so that its bits are those of the vector backend; over double precision its order is the same,
 * its functions are those of {@link StrictMath}.
 */
public final class ScalarBackend implements Backend {

    private final @Nullable Arithmetic fixed;

    /** Computes in the precision of the numbers. */
    public ScalarBackend() {
        this(null);
    }

    private ScalarBackend(@Nullable Arithmetic fixed) {
        this.fixed = fixed;
    }

    /** Backend that computes in double precision even over single-precision numbers, and rounds what it stores. */
    public static ScalarBackend inDoublePrecision() {
        return new ScalarBackend(Arithmetic.DOUBLE);
    }

    private Arithmetic math(Buffer buffer) {
        return fixed == null ? Arithmetic.of(buffer) : fixed;
    }

    @Override
    public boolean continuesSequences() {
        return true;
    }

    @Override
    public boolean cachesBfloat16() {
        return true;
    }

    @Override
    public void linear(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N) {
        Arithmetic math = math(x);
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                double sum = bias == null ? 0 : bias.get(n);
                for (int k = 0; k < K; k++) {
                    sum = math.fma(x.get((long) t * K + k), w.get(Panels.index(n, k, K, w.type())), sum);
                }
                y.set((long) t * N + n, sum);
            }
        }
    }

    @Override
    public void linearBackwardInput(Buffer dy, Buffer w, Accumulator accumulator, int T, int K, int N) {
        Arithmetic math = math(dy);
        Buffer dx = accumulator.sum();
        for (int t = 0; t < T; t++) {
            for (int k = 0; k < K; k++) {
                double sum = dx.get((long) t * K + k);
                for (int n = 0; n < N; n++) {
                    sum = math.fma(dy.get((long) t * N + n), w.get(Panels.index(n, k, K, w.type())), sum);
                }
                dx.set((long) t * K + k, sum);
            }
        }
    }

    @Override
    public void linearBackwardWeight(Buffer dy, Buffer x, Accumulator accumulator, int T, int K, int N) {
        Arithmetic math = math(dy);
        Buffer dw = accumulator.sum();
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                for (int k = 0; k < K; k++) {
                    long at = Panels.index(n, k, K);
                    dw.set(at, math.fma(dy.get((long) t * N + n), x.get((long) t * K + k), dw.get(at)));
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
        Arithmetic math = math(x);
        int T = op.rstd().rows();
        int C = op.w().rows();
        for (int t = 0; t < T; t++) {
            long row = (long) t * C;
            var squares = new LaneSum(math);
            for (int c = 0; c < C; c++) {
                squares.add(c, x.get(row + c), x.get(row + c));
            }
            rstd.set(t, 1 / Math.sqrt(math.round(squares.total() / C) + op.epsilon()));
            for (int c = 0; c < C; c++) {
                y.set(row + c, math.round(x.get(row + c) * rstd.get(t)) * w.get(c));
            }
        }
    }

    @Override
    public void rmsNormBackward(RmsNorm op, Buffer dy, Buffer dx, Buffer dw) {
        Buffer x = op.x().data();
        Buffer w = op.w().data();
        Buffer rstd = op.rstd().data();
        Arithmetic math = math(x);
        int T = op.rstd().rows();
        int C = op.w().rows();
        for (int t = 0; t < T; t++) {
            long row = (long) t * C;
            double r = rstd.get(t);
            var sum = new LaneSum(math);
            for (int c = 0; c < C; c++) {
                dw.set(c, math.fma(dy.get(row + c), math.round(x.get(row + c) * r), dw.get(c)));
                sum.add(c, math.round(dy.get(row + c) * w.get(c)), x.get(row + c));
            }
            double mean = math.round(math.round(sum.total() * r) / C);
            for (int c = 0; c < C; c++) {
                double normalized = math.round(x.get(row + c) * r);
                double slope = math.fma(normalized, -mean, math.round(dy.get(row + c) * w.get(c)));
                dx.set(row + c, math.fma(slope, r, dx.get(row + c)));
            }
        }
    }

    @Override
    public void rope(Rope op, Buffer x, Buffer y, int sign) {
        RopeTable table = op.table();
        int[] positions = op.positions();
        int heads = op.heads();
        int D = op.size();
        Arithmetic math = math(x);
        table.cover(positions);
        for (int t = 0; t < positions.length; t++) {
            for (int h = 0; h < heads; h++) {
                long head = ((long) t * heads + h) * D;
                for (int i = 0; i < D / 2; i++) {
                    double cos = table.cos(positions[t], i);
                    double sin = sign * table.sin(positions[t], i);
                    double a = x.get(head + i);
                    double b = x.get(head + D / 2 + i);
                    y.set(head + i, math.fma(a, cos, -math.round(b * sin)));
                    y.set(head + D / 2 + i, math.fma(b, cos, math.round(a * sin)));
                }
            }
        }
    }

    @Override
    public void attention(Attention op, Buffer y) {
        new ScalarAttention(math(y)).forward(op, y);
    }

    @Override
    public void attentionBackward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        new ScalarAttention(math(y)).backward(op, y, dy, dq, dk, dv);
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
        new ScalarAttention(math(y)).cached(q, y, cache, layer, rows, H);
    }

    @Override
    public void swiGlu(SwiGlu op, Buffer y) {
        Buffer gate = op.gate().data();
        Buffer up = op.up().data();
        Arithmetic math = math(y);
        for (long i = 0; i < y.length(); i++) {
            double silu = math.round(gate.get(i) / math.round(math.exp(-gate.get(i)) + 1));
            y.set(i, silu * up.get(i));
        }
    }

    @Override
    public void swiGluBackward(SwiGlu op, Buffer dy, Buffer dgate, Buffer dup) {
        Buffer gate = op.gate().data();
        Buffer up = op.up().data();
        Arithmetic math = math(dy);
        for (long i = 0; i < dy.length(); i++) {
            double g = gate.get(i);
            double s = math.round(1 / math.round(math.exp(-g) + 1));
            double slope = math.round(s * math.fma(g, math.round(1 - s), 1));
            dgate.set(i, math.round(dy.get(i) * up.get(i)) * slope);
            dup.set(i, dy.get(i) * math.round(g * s));
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
        new ScalarLogProb(math(out)).forward(op, out);
    }

    @Override
    public void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        new ScalarLogProb(math(out)).backward(op, out, dout, dx, dw == null ? null : dw.sum());
    }

    @Override
    public void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse) {
        int V = w.rows();
        var logProb = new ScalarLogProb(math(logits));
        for (int t = 0; t < x.rows(); t++) {
            double[] z = logProb.row(x, w, temperature, t);
            lse.set(t, SoftmaxPart.logSumExp(logProb.parts(z)));
            for (int i = 0; i < V; i++) {
                logits.set((long) t * V + i, z[i]);
            }
        }
    }

    @Override
    public int quantile(Buffer logits, long start, int V, double lse, double bound) {
        Arithmetic math = math(logits);
        double below = 0;
        int first = 0;
        for (; first + Lanes.PART < V; first += Lanes.PART) {
            var mass = new LaneSum(math);
            for (int i = 0; i < Lanes.PART; i++) {
                mass.add(i, math.exp(math.round(logits.get(start + first + i) - lse)));
            }
            double next = below + mass.total();
            if (next > bound) {
                break;
            }
            below = next;
        }
        return quantileFrom(first, logits, start, V, lse, bound - below);
    }

    /**
     * Continues {@link #quantile} one number after another; the sum is in double precision.
     *
     * @param first  number of logits that were passed over
     * @param logits logits, row by row
     * @param start  index of the row's first logit
     * @param V      number of logits of the row
     * @param lse    logarithm of the row's sum of exponentials
     * @param bound  cumulative probability to exceed, counted from {@code first}
     */
    public int quantileFrom(int first, Buffer logits, long start, int V, double lse, double bound) {
        Arithmetic math = math(logits);
        double sum = 0;
        int last = first;
        for (int i = first; i < V; i++) {
            double logP = math.round(logits.get(start + i) - lse);
            if (logP > SingleMath.MIN_EXPONENT) {
                sum += math.exp(logP);
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
        Arithmetic math = math(x);
        double total = 0;
        for (long run = 0; run < x.length(); run += Lanes.RUN) {
            double ofRun = 0;
            for (long part = run; part < Math.min(run + Lanes.RUN, x.length()); part += Lanes.PART) {
                var sum = new LaneSum(math);
                for (long i = part; i < Math.min(part + Lanes.PART, x.length()); i++) {
                    sum.add(i, x.get(i), x.get(i));
                }
                ofRun += sum.total();
            }
            total += ofRun;
        }
        return total;
    }

    @Override
    public void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars s) {
        Arithmetic math = math(weights);
        double oneMinusBeta1 = math.round(1 - s.beta1());
        double oneMinusBeta2 = math.round(1 - s.beta2());
        for (long i = 0; i < weights.length(); i++) {
            double g = math.round(grads.get(i) * math.round(s.gradScale()));
            m.set(i, math.fma(m.get(i), s.beta1(), math.round(g * oneMinusBeta1)));
            v.set(i, math.fma(v.get(i), s.beta2(), math.round(math.round(g * g) * oneMinusBeta2)));
            double root = math.fma(math.round(Math.sqrt(v.get(i))), s.rootScale(), s.epsilon());
            double change = math.round(math.round(m.get(i) * math.round(s.stepSize())) / root);
            weights.set(i, math.fma(weights.get(i), s.keep(), -change));
        }
    }
}
