package org.rlvr4j.tensor;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.math.Truncation;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/**
 * Compute kernels of the engine. {@link ScalarBackend} defines each kernel; the other backends agree with it.
 *
 * <p>T is the number of rows (tokens of all sequences); weights are stored in {@link Panels}, everything else row by
 * row. Backward kernels overwrite the gradients of inputs that usually have one reader; they add to the other
 * gradients, or start them ({@link Accumulator}). Each sum has one fixed order, for any number of threads and any split
 * of a batch: over inputs k for an output, over outputs n for an input's gradient, and over tokens t for a weight's
 * gradient, whose sum so far is loaded, continued and stored.
 */
public interface Backend extends AutoCloseable {

    /** Memory that holds the buffers of these kernels. */
    default Memory memory() {
        return Memory.HOST;
    }

    /** Transfers between host and device so far, by metric name; empty if the kernels work in host memory. */
    default Map<String, Long> traffic() {
        return Map.of();
    }

    /**
     * Whether results have the bits that the scalar backend defines. If not, numbers of a row may depend on which rows are
     * computed beside it, and generation has not the bits of the training forward.
     */
    default boolean isExact() {
        return true;
    }

    /** Whether attention supports sequences that continue others; see {@link Segments#continuing}. */
    default boolean continuesSequences() {
        return false;
    }

    /** Whether keys and values may be cached as bfloat16; see {@link PagedCache}. */
    default boolean cachesBfloat16() {
        return false;
    }

    /**
     * {@code y = x W' + b}: x (T, K), w (N, K) panels, bias (N) or null, y (T, N).
     *
     * @param x    (T, K) input
     * @param w    (N, K) weight, panels
     * @param bias (N), or null for none
     * @param y    (T, N) output, overwritten
     * @param T    number of rows
     * @param K    number of inputs
     * @param N    number of outputs
     */
    void linear(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N);

    /**
     * {@code dx += dy W}: dy (T, N), w (N, K) panels, dx (T, K).
     *
     * @param dy (T, N) gradient of the output
     * @param w  (N, K) weight, panels
     * @param dx (T, K) sum that receives the gradient of the input
     * @param T  number of rows
     * @param K  number of inputs
     * @param N  number of outputs
     */
    void linearBackwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N);

    /**
     * {@code dw += dy' x}: dy (T, N), x (T, K), dw (N, K) panels.
     *
     * @param dy (T, N) gradient of the output
     * @param x  (T, K) input
     * @param dw (N, K) sum that receives the gradient of the weight, panels
     * @param T  number of rows
     * @param K  number of inputs
     * @param N  number of outputs
     */
    void linearBackwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N);

    /**
     * {@code db += sum over t of dy}: dy (T, N), db (N).
     *
     * @param dy (T, N) gradient of the output
     * @param db (N) gradient of the bias, added to
     * @param T  number of rows
     * @param N  number of outputs
     */
    void linearBackwardBias(Buffer dy, Buffer db, int T, int N);

    /**
     * {@code y = x * rstd * w} with {@code rstd = 1 / sqrt(mean(x^2) + epsilon)}: sets y (T, C) and rstd (T) of the
     * operation.
     *
     * @param op input (T, C), weight (C) and the place of rstd
     * @param y  (T, C) output, overwritten
     */
    void rmsNorm(RmsNorm op, Buffer y);

    /**
     * With n = x * rstd and g = dy * w: {@code dw += sum over t of dy * n}, {@code dx += rstd * (g - n * mean(g * n))}.
     *
     * @param op the operation, after its forward pass
     * @param dy (T, C) gradient of the output
     * @param dx (T, C) gradient of the input, added to
     * @param dw (C) gradient of the weight, added to
     */
    void rmsNormBackward(RmsNorm op, Buffer dy, Buffer dx, Buffer dw);

    /**
     * Rotates the pairs (i, i + D/2) of each head by the angles of the row's position.
     *
     * @param op   rotation with its angle table, positions and heads
     * @param x    (T, heads * D) input of the operation, or the gradient of its output
     * @param y    (T, heads * D) rotated rows
     * @param sign 1 to rotate forward, -1 to rotate back, as for gradients
     */
    void rope(Rope op, Buffer x, Buffer y, int sign);

    /**
     * Causal grouped-query attention, as {@link Attention} defines it: sets y (T, H * D) and lse (T, H) of the
     * operation.
     *
     * @param op queries, keys, values, and the place of lse
     * @param y  (T, H * D) output, overwritten
     */
    void attention(Attention op, Buffer y);

    /**
     * Writes dq, dk and dv, and adds to the gradients of the prefix, if there is one; see {@link Attention#backward} for
     * the formula.
     *
     * @param op the operation, after its forward pass
     * @param y  (T, H * D) output of the forward pass
     * @param dy (T, H * D) gradient of the output
     * @param dq (T, H * D) gradient of the queries, overwritten
     * @param dk (T, G * D) gradient of the keys, overwritten
     * @param dv (T, G * D) gradient of the values, overwritten
     */
    void attentionBackward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv);

    /**
     * Writes keys k and values v (B, G * D) to a cache: row b goes to slot {@code slots[b]} of page {@code pages[b]}. A
     * cache of bfloat16 takes the nearest numbers, ties to even.
     *
     * @param k     (B, G * D) keys
     * @param v     (B, G * D) values
     * @param cache cache to write to
     * @param layer layer of the model, from 0
     * @param pages page of each row
     * @param slots slot in the page of each row
     */
    void cacheAppend(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots);

    /**
     * Attention of the last position of B sequences whose keys and values are cached: the same numbers as
     * {@link #attention}, over the keys and values as the cache holds them; q and y are (B, H * D).
     *
     * @param q         (B, H * D) queries
     * @param y         (B, H * D) output, overwritten
     * @param cache     cache to read from
     * @param layer     layer of the model, from 0
     * @param sequences pages and length of each row's sequence
     * @param H         number of query heads
     */
    void cachedAttention(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] sequences, int H);

    /**
     * {@code y = silu(gate) * up}, silu(x) = x / (1 + exp(-x)).
     *
     * @param op gate and up, of one shape
     * @param y  output of that shape, overwritten
     */
    void swiGlu(SwiGlu op, Buffer y);

    /**
     * With s = 1 / (1 + exp(-gate)): {@code dgate = dy * up * s * (1 + gate * (1 - s))}, {@code dup = dy * gate * s}.
     *
     * @param op    gate and up, of one shape
     * @param dy    gradient of the output
     * @param dgate gradient of the gate, overwritten
     * @param dup   gradient of up, overwritten
     */
    void swiGluBackward(SwiGlu op, Buffer dy, Buffer dgate, Buffer dup);

    /**
     * Copies row {@code ids[t]} of the table (V, C) to row t of y (T, C).
     *
     * @param op table (V, C) and ids (T)
     * @param y  (T, C) output, overwritten
     */
    void embedding(Embedding op, Buffer y);

    /**
     * Adds row t of dy to row {@code ids[t]} of dtable, in the order of t.
     *
     * @param ids    (T) row of the table for each row of dy
     * @param dy     (T, C) gradient of the output
     * @param dtable (V, C) gradient of the table, panels, added to
     * @param C      number of columns
     */
    void embeddingBackward(int[] ids, Buffer dy, Buffer dtable, int C);

    /**
     * Log-probability of each row's target and entropy of its distribution: sets out (T, 2) and lse (T) of the
     * operation.
     *
     * @param op  inputs and targets; its logits buffer, if any, is filled in a backend-specific order and saves the
     *            backward pass computing them again; without it, (T, V) logits are never in memory at one time
     * @param out (T, 2) output, overwritten: log-probability and entropy
     */
    void logProb(LogProb op, Buffer out);

    /**
     * Adds to dx and dw; see {@link LogProb#backward} for the formula.
     *
     * @param op   the operation, after its forward pass
     * @param out  (T, 2) output of the forward pass
     * @param dout (T, 2) gradient of the output
     * @param dx   (T, C) gradient of the hidden states, added to, or null if they need none
     * @param dw   (V, C) sum that receives the gradient of the output matrix, panels, or null if it needs none
     */
    void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw);

    /**
     * Logits of a few rows for sampling.
     *
     * @param x           (T, C) hidden states
     * @param w           (V, C) output matrix, panels
     * @param temperature number that divides the logits, above 0
     * @param logits      (T, V) output: x W' / temperature
     * @param lse         (T) output: logarithm of each row's sum of exponentials
     */
    void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse);

    /**
     * Index of the first of V logits, counted from {@code start}, at which the cumulative probability exceeds
     * {@code bound}; if rounding keeps the whole sum below it, the last index with a nonzero probability.
     *
     * @param logits logits, row by row
     * @param start  index of the row's first logit
     * @param V      number of logits of the row
     * @param lse    logarithm of the row's sum of exponentials
     * @param bound  cumulative probability to exceed
     */
    int quantile(Buffer logits, long start, int V, double lse, double bound);

    /**
     * Draws tokens from rows of logits: the quantile {@code bounds[i]} of row {@code rows[i]}, or its most likely token
     * if the bound is negative; of equally likely ones the first.
     *
     * @param logits   rows of V logits, divided by the temperature
     * @param lse      logarithm of each row's sum of exponentials
     * @param V        number of logits of a row
     * @param rows     row of each token to draw
     * @param bounds   quantile of each token to draw, from 0 to 1, or below 0 for the most likely one
     * @param logProbs output: log-probabilities of the drawn tokens
     * @return the drawn tokens
     */
    default int[] draw(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        var tokens = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            long start = (long) rows[i] * V;
            double rowLse = lse.get(rows[i]);
            tokens[i] = bounds[i] < 0 ? mostLikely(logits, start, V) : quantile(logits, start, V, rowLse, bounds[i]);
            logProbs[i] = (float) logits.get(start + tokens[i]) - (float) rowLse;
        }
        return tokens;
    }

    /**
     * Draws tokens from truncated rows of logits: from the tokens that a {@link Truncation} leaves, in the order of their
     * probabilities, which are those of the whole row.
     *
     * @param logits     rows of V logits, divided by the temperature
     * @param lse        logarithm of each row's sum of exponentials
     * @param V          number of logits of a row
     * @param truncation tokens to draw from
     * @param rows       row of each token to draw
     * @param uniforms   uniform number in [0, 1) of each token to draw
     * @param logProbs   output: log-probabilities of the drawn tokens, of the whole row
     * @return the drawn tokens
     */
    default int[] drawTruncated(
            Buffer logits, Buffer lse, int V, Truncation truncation, int[] rows, double[] uniforms, float[] logProbs) {
        var tokens = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            float[] row = logits.slice((long) rows[i] * V, V).toFloats();
            double rowLse = lse.get(rows[i]);
            tokens[i] = truncation.draw(row, V, rowLse, uniforms[i]);
            logProbs[i] = row[tokens[i]] - (float) rowLse;
        }
        return tokens;
    }

    private static int mostLikely(Buffer logits, long start, int V) {
        int best = 0;
        for (int i = 1; i < V; i++) {
            if (logits.get(start + i) > logits.get(start + best)) {
                best = i;
            }
        }
        return best;
    }

    /**
     * Copies row {@code rows[i]} of x to row i of y; rows have C elements.
     *
     * @param x    rows to copy from
     * @param rows row of x for each row of y
     * @param y    output, overwritten
     * @param C    number of elements of a row
     */
    default void copyRows(Buffer x, int[] rows, Buffer y, int C) {
        for (int i = 0; i < rows.length; i++) {
            y.slice((long) i * C, C).copyFrom(x.slice((long) rows[i] * C, C));
        }
    }

    /**
     * Adds row i of dy to row {@code rows[i]} of dx, in the order of i; negative rows are skipped. Rows have C
     * elements.
     *
     * @param dy   rows to add
     * @param rows row of dx for each row of dy, or below 0
     * @param dx   rows to add to
     * @param C    number of elements of a row
     */
    default void addToRows(Buffer dy, int[] rows, Buffer dx, int C) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] >= 0) {
                addTo(dy.slice((long) i * C, C), dx.slice((long) rows[i] * C, C));
            }
        }
    }

    /**
     * {@code y = x}.
     *
     * @param x numbers to copy
     * @param y output, as long, overwritten
     */
    default void copy(Buffer x, Buffer y) {
        y.copyFrom(x);
    }

    /**
     * {@code x = x * factor}.
     *
     * @param x      numbers, changed in place
     * @param factor factor
     */
    default void scale(Buffer x, double factor) {
        for (long i = 0; i < x.length(); i++) {
            x.set(i, x.get(i) * factor);
        }
    }

    /**
     * {@code y = a + b}.
     *
     * @param a first summand
     * @param b second summand, as long
     * @param y output, as long, overwritten
     */
    void add(Buffer a, Buffer b, Buffer y);

    /**
     * {@code dx += dy}.
     *
     * @param dy numbers to add
     * @param dx numbers to add to, as many
     */
    default void addTo(Buffer dy, Buffer dx) {
        add(dx, dy, dx);
    }

    /**
     * Sum of squares, in double precision.
     *
     * @param x numbers
     */
    double sumOfSquares(Buffer x);

    /**
     * One AdamW update of all weights; see {@link AdamW}.
     *
     * @param weights weights, changed in place
     * @param grads   gradient of each weight
     * @param m       mean of the gradients, updated
     * @param v       mean square of the gradients, updated
     * @param scalars scalars of this update
     */
    void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars scalars);

    @Override
    default void close() {}
}
