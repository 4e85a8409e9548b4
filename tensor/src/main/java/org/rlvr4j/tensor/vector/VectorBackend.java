package org.rlvr4j.tensor.vector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Embedding;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.Rope;
import org.rlvr4j.tensor.SwiGlu;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Truncation;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** CPU backend: single-precision kernels on the Vector API, on all cores; the same bits for any number of threads. */
public final class VectorBackend implements Backend {

    private static final int ROWS = 32; // rows per chunk of a row-wise kernel
    private static final int COLUMNS = 64; // columns per chunk of a kernel that sums over rows

    private final ThreadTeam team;
    private final TensorArena arena = new TensorArena(DType.F32);
    private final TensorArena scratch = new TensorArena(DType.F32);
    private final ScalarBackend scalar = new ScalarBackend();
    private final VectorChunks chunks;
    private final VectorGemm gemm;
    private final VectorGemv gemv;
    private final VectorAttention attention;
    private final VectorLogProb logProbs;

    /**
     * @param threads number of threads that compute, the caller's among them; at least 1
     * @throws IllegalStateException if the virtual machine runs without the module of the Vector API, or without fused
     *                               multiply-add
     */
    public VectorBackend(int threads) {
        VectorSupport.requireModule();
        VectorSupport.requireFusedMultiplyAdd();
        team = new ThreadTeam(threads);
        chunks = new VectorChunks(team, arena);
        gemm = new VectorGemm(team, arena);
        gemv = new VectorGemv(team);
        attention = new VectorAttention(team, chunks, scratch);
        logProbs = new VectorLogProb(this, chunks, scratch);
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
        if (T <= VectorGemv.ROWS) {
            gemv.run(x, w, bias, y, T, K, N);
            return;
        }
        gemm.run(new VectorGemm.Product(VectorGemm.Kind.FORWARD, x, w, y, false, T, N, K, bias));
    }

    @Override
    public void linearBackwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N) {
        gemm.run(new VectorGemm.Product(VectorGemm.Kind.INPUT_GRADIENT, dy, w, dx.buffer(), dx.add(), T, K, N, null));
    }

    @Override
    public void linearBackwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N) {
        gemm.run(new VectorGemm.Product(VectorGemm.Kind.WEIGHT_GRADIENT, x, dy, dw.buffer(), dw.add(), K, N, T, null));
    }

    @Override
    public void linearBackwardBias(Buffer dy, Buffer db, int T, int N) {
        chunks.forEach(
                N, COLUMNS, (from, to) -> VectorRows.sumRows(dy.segment(), db.segment(), T, N, (int) from, (int) to));
    }

    @Override
    public void rmsNorm(RmsNorm op, Buffer y) {
        MemorySegment x = op.x().data().segment();
        MemorySegment w = op.w().data().segment();
        Buffer rstd = op.rstd().data();
        int C = op.w().rows();
        chunks.forEach(op.rstd().rows(), ROWS, (from, to) -> {
            for (long t = from; t < to; t++) {
                rstd.set(t, VectorRows.rmsNorm(x, w, y.segment(), t * C, C, op.epsilon()));
            }
        });
    }

    @Override
    public void rmsNormBackward(RmsNorm op, Buffer dy, Buffer dx, Buffer dw) {
        MemorySegment x = op.x().data().segment();
        MemorySegment w = op.w().data().segment();
        Buffer rstd = op.rstd().data();
        int T = op.rstd().rows();
        int C = op.w().rows();
        chunks.forEach(T, ROWS, (from, to) -> {
            for (long t = from; t < to; t++) {
                float r = (float) rstd.get(t);
                VectorRows.rmsNormBackwardInput(x, w, r, dy.segment(), dx.segment(), t * C, C);
            }
        });
        chunks.forEach(
                C,
                COLUMNS,
                (from, to) -> VectorRows.rmsNormBackwardWeight(
                        x, rstd.segment(), dy.segment(), dw.segment(), T, C, (int) from, (int) to));
    }

    @Override
    public void rope(Rope op, Buffer x, Buffer y, int sign) {
        int[] positions = op.positions();
        int heads = op.heads();
        int D = op.size();
        op.table().cover(positions);
        float[] cos = op.table().cosines();
        float[] sin = op.table().sines();
        chunks.forEach(positions.length, ROWS, (from, to) -> {
            for (long head = from * heads; head < to * heads; head++) {
                int angles = positions[(int) (head / heads)] * (D / 2);
                VectorRows.rope(x.segment(), y.segment(), cos, sin, angles, head * D, D, sign);
            }
        });
    }

    @Override
    public void attention(Attention op, Buffer y) {
        scratch.release();
        attention.forward(op, y);
    }

    @Override
    public void attentionBackward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        scratch.release();
        attention.backward(op, y, dy, dq, dk, dv);
    }

    @Override
    public void cacheAppend(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots) {
        chunks.forEach(pages.length, ROWS, (from, to) -> {
            for (int b = (int) from; b < to; b++) {
                VectorAttention.append(k.segment(), v.segment(), b, cache, layer, pages[b], slots[b]);
            }
        });
    }

    @Override
    public void cachedAttention(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] rows, int H) {
        scratch.release();
        attention.cached(q, y, cache, layer, rows, H);
    }

    @Override
    public void swiGlu(SwiGlu op, Buffer y) {
        chunks.forRuns(
                (x, from, to) -> VectorRows.swiGlu(x[0], x[1], x[2], from, to),
                op.gate().data(),
                op.up().data(),
                y);
    }

    @Override
    public void swiGluBackward(SwiGlu op, Buffer dy, Buffer dgate, Buffer dup) {
        chunks.forRuns(
                (x, from, to) -> VectorRows.swiGluBackward(x[0], x[1], x[2], x[3], x[4], from, to),
                op.gate().data(),
                op.up().data(),
                dy,
                dgate,
                dup);
    }

    @Override
    public void embedding(Embedding op, Buffer y) {
        int C = op.table().cols();
        if (op.table().data().type() == DType.F32) {
            MemorySegment table = op.table().data().segment();
            chunks.forEach(op.ids().length, ROWS, (from, to) -> {
                for (int t = (int) from; t < to; t++) {
                    VectorRows.panelRow(table, op.ids()[t], y.segment(), (long) t * C, C);
                }
            });
            return;
        }
        chunks.forEach(op.ids().length, ROWS, (from, to) -> {
            int[] ids = Arrays.copyOfRange(op.ids(), (int) from, (int) to);
            scalar.embedding(new Embedding(op.table(), ids, null), y.slice(from * C, (to - from) * C));
        });
    }

    @Override
    public void embeddingBackward(int[] ids, Buffer dy, Buffer dtable, int C) {
        chunks.forEach(C, COLUMNS, (from, to) -> {
            for (int t = 0; t < ids.length; t++) {
                for (int c = (int) from; c < to; c++) {
                    dtable.add(Panels.index(ids[t], c, C), dy.get((long) t * C + c));
                }
            }
        });
    }

    @Override
    public void logProb(LogProb op, Buffer out) {
        logProbs.forward(op, out);
    }

    @Override
    public void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        logProbs.backward(op, out, dout, dx, dw);
    }

    @Override
    public void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse) {
        logProbs.logits(x, w, temperature, logits, lse);
    }

    @Override
    public int quantile(Buffer logits, long start, int V, double lse, double bound) {
        double below = 0;
        int first = 0;
        while (first + VectorSoftmax.PART < V) {
            double next = below + VectorSoftmax.mass(logits.segment(), start + first, (float) lse);
            if (next > bound) {
                break;
            }
            below = next;
            first += VectorSoftmax.PART;
        }
        return scalar.quantileFrom(first, logits, start, V, lse, bound - below);
    }

    @Override
    public int[] draw(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        var tokens = new int[rows.length];
        chunks.forEach(rows.length, ROWS, (from, to) -> {
            int first = (int) from;
            int count = (int) (to - from);
            var drawn = new float[count];
            int[] part = Backend.super.draw(
                    logits,
                    lse,
                    V,
                    Arrays.copyOfRange(rows, first, first + count),
                    Arrays.copyOfRange(bounds, first, first + count),
                    drawn);
            System.arraycopy(part, 0, tokens, first, count);
            System.arraycopy(drawn, 0, logProbs, first, count);
        });
        return tokens;
    }

    @Override
    public int[] drawTruncated(
            Buffer logits, Buffer lse, int V, Truncation truncation, int[] rows, double[] uniforms, float[] logProbs) {
        var tokens = new int[rows.length];
        chunks.forEach(rows.length, 1, (from, to) -> {
            for (int i = (int) from; i < to; i++) {
                float[] row = logits.slice((long) rows[i] * V, V).toFloats();
                double rowLse = lse.get(rows[i]);
                tokens[i] = truncation.drawFromRow(row, rowLse, uniforms[i]);
                logProbs[i] = row[tokens[i]] - (float) rowLse;
            }
        });
        return tokens;
    }

    @Override
    public void copy(Buffer x, Buffer y) {
        chunks.forEach(
                x.length(),
                VectorChunks.RUN,
                (from, to) -> MemorySegment.copy(
                        x.segment(), from * Float.BYTES, y.segment(), from * Float.BYTES, (to - from) * Float.BYTES));
    }

    @Override
    public void add(Buffer a, Buffer b, Buffer y) {
        chunks.forRuns((x, from, to) -> VectorRows.add(x[0], x[1], x[2], from, to), a, b, y);
    }

    @Override
    public double sumOfSquares(Buffer x) {
        var runs = new double[Math.toIntExact((x.length() + VectorChunks.RUN - 1) / VectorChunks.RUN)];
        chunks.forEach(
                x.length(),
                VectorChunks.RUN,
                (from, to) -> runs[(int) (from / VectorChunks.RUN)] = VectorRows.sumOfSquares(x.segment(), from, to));
        double sum = 0;
        for (double run : runs) {
            sum += run;
        }
        return sum;
    }

    @Override
    public void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars scalars) {
        chunks.forRuns(
                (x, from, to) -> VectorRows.adamW(x[0], x[1], x[2], x[3], scalars, from, to), weights, grads, m, v);
    }

    @Override
    public void close() {
        team.close();
        arena.close();
        scratch.close();
    }
}
