package org.rlvr4j.tornado;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DeviceProvider.Precision;
import org.rlvr4j.tensor.Embedding;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Memory;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.Rope;
import org.rlvr4j.tensor.SwiGlu;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Truncation;
import org.rlvr4j.tornado.library.ProductLibrary;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Backend on a device of TornadoVM's: kernels in single precision, and all tensors in the device's memory. */
public final class TornadoBackend implements Backend {

    private static final List<Kernel> KERNELS = Stream.of(
                    TornadoLinear.KERNELS,
                    TornadoNorms.KERNELS,
                    TornadoRows.KERNELS,
                    TornadoAttention.KERNELS,
                    TornadoCache.KERNELS,
                    TornadoCachedAttention.KERNELS,
                    TornadoAttentionBackward.KERNELS,
                    TornadoElements.KERNELS,
                    TornadoTokens.KERNELS,
                    TornadoDraws.KERNELS,
                    TornadoCandidates.KERNELS)
            .flatMap(List::stream)
            .toList();

    private final DeviceMemory memory;
    private final Arena tables;
    private final TensorArena scratch;
    private final Lists lists;
    private final @Nullable TornadoProducts products;
    private final TornadoLinear linear;
    private final TornadoNorms norms;
    private final TornadoRows rows;
    private final TornadoAttention attention;
    private final TornadoAttentionBackward attentionBackward;
    private final TornadoCache cache;
    private final TornadoCachedAttention cachedAttention;
    private final TornadoElements elements;
    private final TornadoTokens tokens;
    private final TornadoDraws draws;
    private final TornadoCandidates candidates;

    /** @param sizes sizes of the memory's banks */
    TornadoBackend(TornadoDevice device, Banks.Sizes sizes) {
        this(device, sizes, Precision.EXACT, null, TornadoProducts.SCRATCH);
    }

    /**
     * @param sizes     sizes of the memory's banks
     * @param precision precision of products
     * @param library   library that computes them; null if they are exact
     * @param given     numbers of weights that it is given at a time, at most
     */
    TornadoBackend(
            TornadoDevice device, Banks.Sizes sizes, Precision precision, @Nullable ProductLibrary library, int given) {
        Kernel product = library == null ? null : TornadoProducts.product(library);
        var kernels = new ArrayList<>(KERNELS);
        if (product != null) {
            kernels.addAll(TornadoProducts.KERNELS);
            kernels.add(product);
        }
        memory = new DeviceMemory(device, sizes, kernels);
        memory.tryAll();
        tables = memory.open(Role.TABLES);
        lists = new Lists(memory, tables);
        scratch = new TensorArena(DType.F32, memory);
        products = product == null ? null : new TornadoProducts(memory, precision, product, given);
        linear = new TornadoLinear(memory, products);
        norms = new TornadoNorms(memory);
        rows = new TornadoRows(memory, lists, tables);
        attention = new TornadoAttention(memory, lists);
        attentionBackward = new TornadoAttentionBackward(memory, lists, scratch);
        cache = new TornadoCache(memory, lists);
        cachedAttention = new TornadoCachedAttention(memory, lists);
        elements = new TornadoElements(memory, scratch);
        tokens = new TornadoTokens(memory, lists, scratch, linear, mostLogits(memory));
        draws = new TornadoDraws(memory, lists, scratch);
        candidates = new TornadoCandidates(memory, lists, scratch);
    }

    /** Logits of a block of which it is certain that the memory has room for it in one piece. */
    private static int mostLogits(DeviceMemory memory) {
        return (int) Math.min(TornadoTokens.BLOCK, memory.largestBlock(Role.ACTIVATIONS) / Float.BYTES);
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public boolean isExact() {
        return products == null;
    }

    DeviceMemory deviceMemory() {
        return memory;
    }

    /** Kernels of all families, but for those that move numbers. */
    static List<Kernel> kernels() {
        return KERNELS;
    }

    /** Traffic so far. */
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
        linear.product(x, w, bias, y, T, K, N);
    }

    @Override
    public void linearBackwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N) {
        linear.backwardInput(dy, w, dx, T, K, N);
    }

    @Override
    public void linearBackwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N) {
        linear.backwardWeight(dy, x, dw, T, K, N);
    }

    @Override
    public void linearBackwardBias(Buffer dy, Buffer db, int T, int N) {
        linear.backwardBias(dy, db, T, N);
    }

    @Override
    public void rmsNorm(RmsNorm op, Buffer y) {
        norms.forward(op, y);
    }

    @Override
    public void rmsNormBackward(RmsNorm op, Buffer dy, Buffer dx, Buffer dw) {
        norms.backward(op, dy, dx, dw);
    }

    @Override
    public void rope(Rope op, Buffer x, Buffer y, int sign) {
        rows.rope(op, x, y, sign);
    }

    @Override
    public void embedding(Embedding op, Buffer y) {
        rows.copy(op.table().data(), op.ids(), y, op.table().cols(), true);
    }

    @Override
    public void embeddingBackward(int[] ids, Buffer dy, Buffer dtable, int C) {
        rows.addTo(dy, ids, dtable, C, true);
    }

    @Override
    public void copyRows(Buffer x, int[] rows, Buffer y, int C) {
        this.rows.copy(x, rows, y, C, false);
    }

    @Override
    public void addToRows(Buffer dy, int[] rows, Buffer dx, int C) {
        this.rows.addTo(dy, rows, dx, C, false);
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
    public void attention(Attention op, Buffer y) {
        attention.forward(op, y);
    }

    @Override
    public void attentionBackward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        attentionBackward.backward(op, y, dy, dq, dk, dv);
    }

    @Override
    public void cacheAppend(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots) {
        this.cache.append(k, v, cache, layer, pages, slots);
    }

    @Override
    public void cachedAttention(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] rows, int H) {
        cachedAttention.attention(q, y, cache, layer, rows, H);
    }

    @Override
    public void swiGlu(SwiGlu op, Buffer y) {
        elements.swiGlu(op, y);
    }

    @Override
    public void swiGluBackward(SwiGlu op, Buffer dy, Buffer dgate, Buffer dup) {
        elements.swiGluBackward(op, dy, dgate, dup);
    }

    @Override
    public void add(Buffer a, Buffer b, Buffer y) {
        elements.add(a, b, y);
    }

    @Override
    public void scale(Buffer x, double factor) {
        elements.scale(x, factor);
    }

    @Override
    public double sumOfSquares(Buffer x) {
        return elements.sumOfSquares(x);
    }

    @Override
    public void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars scalars) {
        elements.adamW(weights, grads, m, v, scalars);
    }

    @Override
    public void logProb(LogProb op, Buffer out) {
        tokens.logProb(op, out);
    }

    @Override
    public void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        tokens.logProbBackward(op, out, dout, dx, dw);
    }

    @Override
    public void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse) {
        tokens.logits(x, w, temperature, logits, lse);
    }

    @Override
    public int quantile(Buffer logits, long start, int V, double lse, double bound) {
        return draws.quantile(logits, start, V, lse, bound);
    }

    @Override
    public int[] draw(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        return draws.draw(logits, lse, V, rows, bounds, logProbs);
    }

    @Override
    public int[] drawTruncated(
            Buffer logits, Buffer lse, int V, Truncation truncation, int[] rows, double[] uniforms, float[] logProbs) {
        return candidates.draw(new TornadoCandidates.Rows(logits, lse, V), truncation, rows, uniforms, logProbs);
    }

    /** Number of rows so far that came over whole to draw tokens from. */
    long wholeRows() {
        return candidates.wholeRows();
    }

    @Override
    public void close() {
        tokens.close();
        if (products != null) {
            products.close();
        }
        scratch.close();
        tables.close();
        memory.close();
    }
}
