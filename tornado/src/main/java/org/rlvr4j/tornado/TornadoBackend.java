package org.rlvr4j.tornado;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Memory;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.RopeTable;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.TensorArena;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Kernels in single precision on a device of TornadoVM's, and all tensors in its memory. */
public final class TornadoBackend implements Backend {

    private final DeviceMemory memory;
    private final Program program;
    private final Lists lists;
    private final RowOps rows;
    private final TokenOps tokens;
    private final AttentionOps attention;
    private final TensorArena scratch;
    private final Arena tables;

    /** @param numbers of single precision that there is to be room for */
    TornadoBackend(TornadoDevice device, int numbers) {
        memory = new DeviceMemory(device, numbers);
        program = memory.program();
        tables = memory.open();
        lists = new Lists(memory, tables);
        scratch = new TensorArena(DType.F32, memory);
        rows = new RowOps(memory, lists, tables);
        tokens = new TokenOps(this, memory, lists, scratch);
        attention = new AttentionOps(memory, lists, scratch);
    }

    @Override
    public Memory memory() {
        return memory;
    }

    /** What has crossed the bus so far. */
    public Transfers transfers() {
        return memory.transfers();
    }

    @Override
    public Map<String, Long> traffic() {
        return transfers().toMap();
    }

    /** Lists that are on the device already are not sent again: from here on they are. */
    void forgetLists() {
        lists.forget();
    }

    @Override
    public void linear(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N) {
        int b = bias == null ? -1 : memory.read(bias);
        program.run(Kernel.LINEAR, tiles(T), tiles(N), T, K, N, memory.read(x), memory.read(w), b, memory.write(y));
    }

    @Override
    public void linearBackwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N) {
        program.run(
                Kernel.LINEAR_INPUT,
                tiles(T),
                tiles(K),
                T,
                K,
                N,
                memory.read(dy),
                memory.read(w),
                memory.update(dx.sum()));
    }

    @Override
    public void linearBackwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N) {
        program.run(
                Kernel.LINEAR_WEIGHT,
                tiles(N),
                tiles(K),
                T,
                K,
                N,
                memory.read(dy),
                memory.read(x),
                memory.update(dw.sum()));
    }

    @Override
    public void linearBackwardBias(Buffer dy, Buffer db, int T, int N) {
        program.run(Kernel.LINEAR_BIAS, groups(N, RowKernels.GROUP), 1, T, N, memory.read(dy), memory.update(db));
    }

    private static long tiles(int n) {
        return groups(n, LinearKernels.TILE);
    }

    /** Groups of threads that are enough for so many threads. */
    static long groups(long threads, int group) {
        return (threads + group - 1) / group;
    }

    @Override
    public void rmsNorm(Buffer x, Buffer w, Buffer y, Buffer rstd, int T, int C, double epsilon) {
        rows.rmsNorm(x, w, y, rstd, T, C, epsilon);
    }

    @Override
    public void rmsNormBackward(Buffer x, Buffer w, Buffer rstd, Buffer dy, Buffer dx, Buffer dw, int T, int C) {
        rows.rmsNormBackward(x, w, rstd, dy, dx, dw, T, C);
    }

    @Override
    public void rope(Buffer x, Buffer y, RopeTable table, int[] positions, int heads, int D, int sign) {
        rows.rope(x, y, table, positions, heads, D, sign);
    }

    @Override
    public void attention(Buffer q, Buffer k, Buffer v, Buffer y, Buffer lse, Segments segments, Heads heads) {
        lists.begin();
        attention.forward(q, k, v, y, lse, segments, heads);
    }

    @Override
    public void attentionBackward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        lists.begin();
        scratch.release();
        attention.backward(op, y, dy, dq, dk, dv);
    }

    @Override
    public void cacheAppend(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots) {
        lists.begin();
        attention.append(k, v, cache, layer, pages, slots);
    }

    @Override
    public void cachedAttention(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] rows, int H) {
        lists.begin();
        attention.cached(q, y, cache, layer, rows, H);
    }

    @Override
    public void swiGlu(Buffer gate, Buffer up, Buffer y) {
        int n = count(y);
        program.run(Kernel.SWI_GLU, elements(n), 1, n, memory.read(gate), memory.read(up), memory.write(y));
    }

    @Override
    public void swiGluBackward(Buffer gate, Buffer up, Buffer dy, Buffer dgate, Buffer dup) {
        int n = count(dy);
        program.run(
                Kernel.SWI_GLU_BACKWARD,
                elements(n),
                1,
                n,
                memory.read(gate),
                memory.read(up),
                memory.read(dy),
                memory.write(dgate),
                memory.write(dup));
    }

    static int count(Buffer buffer) {
        return Math.toIntExact(buffer.length());
    }

    /** Groups of a kernel with a thread for each element. */
    static long elements(long count) {
        return groups(count, ElementKernels.GROUP);
    }

    @Override
    public void embedding(int[] ids, Buffer table, Buffer y, int C) {
        rows.copy(table, ids, y, C, 1);
    }

    @Override
    public void copyRows(Buffer x, int[] rows, Buffer y, int C) {
        this.rows.copy(x, rows, y, C, 0);
    }

    @Override
    public void embeddingBackward(int[] ids, Buffer dy, Buffer dtable, int C) {
        rows.addTo(dy, ids, dtable, C, 1);
    }

    @Override
    public void addToRows(Buffer dy, int[] rows, Buffer dx, int C) {
        this.rows.addTo(dy, rows, dx, C, 0);
    }

    @Override
    public void logProb(
            Buffer x,
            Buffer w,
            int[] targets,
            double temperature,
            Buffer out,
            Buffer lse,
            @Nullable Buffer logits,
            int C,
            int V) {
        lists.begin();
        scratch.release();
        tokens.logProb(x, w, targets, temperature, out, lse, logits, C, V);
    }

    @Override
    public void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        lists.begin();
        scratch.release();
        tokens.logProbBackward(op, out, dout, dx, dw);
    }

    @Override
    public void logits(Buffer x, Buffer w, double temperature, Buffer logits, Buffer lse, int T, int C, int V) {
        linear(x, w, null, logits, T, C, V);
        tokens.statistics(logits, lse, temperature, T, V);
    }

    @Override
    public int quantile(Buffer logits, long start, int V, double lse, double bound) {
        lists.begin();
        scratch.release();
        Buffer sum = scratch.allocate(1);
        sum.set(0, lse);
        return tokens.draw(logits.slice(start, V), sum, V, new int[] {0}, new double[] {bound}, new float[1])[0];
    }

    @Override
    public int[] draw(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        lists.begin();
        scratch.release();
        return tokens.draw(logits, lse, V, rows, bounds, logProbs);
    }

    @Override
    public void add(Buffer a, Buffer b, Buffer y) {
        int n = count(y);
        program.run(Kernel.ADD, elements(n), 1, n, memory.read(a), memory.read(b), memory.write(y));
    }

    @Override
    public void scale(Buffer x, double factor) {
        int n = count(x);
        program.scalars(factor);
        program.run(Kernel.SCALE, elements(n), 1, n, memory.update(x));
    }

    @Override
    public double sumOfSquares(Buffer x) {
        scratch.release();
        int n = count(x);
        int groups = (int) Math.min(elements(n), ElementKernels.MOST_GROUPS);
        Buffer sums = scratch.allocate(groups);
        program.run(Kernel.SUM_OF_SQUARES, groups, 1, n, memory.read(x), memory.write(sums), groups);
        return IntStream.range(0, groups).mapToDouble(sums::get).sum();
    }

    @Override
    public void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars s) {
        int n = count(weights);
        int g = memory.read(grads);
        program.scalars(
                s.beta1(),
                1 - s.beta1(),
                s.beta2(),
                1 - s.beta2(),
                s.epsilon(),
                s.gradScale(),
                s.keep(),
                s.stepSize(),
                s.rootScale());
        program.run(Kernel.ADAM_W, elements(n), 1, n, memory.update(weights), g, memory.update(m), memory.update(v));
    }

    @Override
    public void close() {
        scratch.close();
        tables.close();
        memory.close();
    }
}
