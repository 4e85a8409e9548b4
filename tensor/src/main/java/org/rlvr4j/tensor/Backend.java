package org.rlvr4j.tensor;

import java.util.Map;
import org.jspecify.annotations.Nullable;
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

    /** {@code y = x W' + b}: x (T, K), w (N, K) panels, bias (N) or null, y (T, N). */
    void linear(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N);

    /** {@code dx += dy W}: dy (T, N), w (N, K) panels, dx (T, K). */
    void linearBackwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N);

    /** {@code dw += dy' x}: dy (T, N), x (T, K), dw (N, K) panels. */
    void linearBackwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N);

    /** {@code db += sum over t of dy}: dy (T, N), db (N). */
    void linearBackwardBias(Buffer dy, Buffer db, int T, int N);

    /**
     * {@code y = x * rstd * w} with {@code rstd = 1 / sqrt(mean(x^2) + epsilon)}: sets y (T, C) and rstd (T) of the
     * operation.
     */
    void rmsNorm(RmsNorm op, Buffer y);

    /** With n = x * rstd and g = dy * w: {@code dw += sum over t of dy * n}, {@code dx += rstd * (g - n * mean(g * n))}. */
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
     */
    void attention(Attention op, Buffer y);

    /** Writes dq, dk and dv; see {@link Attention#backward} for the formula. */
    void attentionBackward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv);

    /**
     * Writes keys k and values v (B, G * D) to a cache: row b goes to slot {@code slots[b]} of page {@code pages[b]}.
     */
    void cacheAppend(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots);

    /**
     * Attention of the last position of B sequences whose keys and values are cached: the same numbers as
     * {@link #attention}; q and y are (B, H * D).
     */
    void cachedAttention(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] sequences, int H);

    /** {@code y = silu(gate) * up}, silu(x) = x / (1 + exp(-x)). */
    void swiGlu(SwiGlu op, Buffer y);

    /** With s = 1 / (1 + exp(-gate)): {@code dgate = dy * up * s * (1 + gate * (1 - s))}, {@code dup = dy * gate * s}. */
    void swiGluBackward(SwiGlu op, Buffer dy, Buffer dgate, Buffer dup);

    /** Copies row {@code ids[t]} of the table (V, C) to row t of y (T, C). */
    void embedding(Embedding op, Buffer y);

    /** Adds row t of dy to row {@code ids[t]} of dtable, in the order of t. */
    void embeddingBackward(int[] ids, Buffer dy, Buffer dtable, int C);

    /**
     * Log-probability of each row's target and entropy of its distribution: sets out (T, 2) and lse (T) of the
     * operation.
     *
     * @param op inputs and targets; its logits buffer, if any, is filled in a backend-specific order and saves the
     *           backward pass computing them again; without it, (T, V) logits are never in memory at one time
     */
    void logProb(LogProb op, Buffer out);

    /** Adds to dx and dw; see {@link LogProb#backward} for the formula. */
    void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw);

    /**
     * Logits of a few rows for sampling.
     *
     * @param x      (T, C) hidden states
     * @param w      (V, C) output matrix, panels
     * @param logits (T, V) output: x W' / temperature
     * @param lse    (T) output: logarithm of each row's sum of exponentials
     */
    void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse);

    /**
     * Index of the first of V logits, counted from {@code start}, at which the cumulative probability exceeds
     * {@code bound}; if rounding keeps the whole sum below it, the last index with a nonzero probability.
     */
    int quantile(Buffer logits, long start, int V, double lse, double bound);

    /**
     * Draws tokens from rows of logits: the quantile {@code bounds[i]} of row {@code rows[i]}, or its most likely token
     * if the bound is negative; of equally likely ones the first.
     *
     * @param logits   rows of V logits, divided by the temperature
     * @param lse      logarithm of each row's sum of exponentials
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

    private static int mostLikely(Buffer logits, long start, int V) {
        int best = 0;
        for (int i = 1; i < V; i++) {
            if (logits.get(start + i) > logits.get(start + best)) {
                best = i;
            }
        }
        return best;
    }

    /** Copies row {@code rows[i]} of x to row i of y; rows have C elements. */
    default void copyRows(Buffer x, int[] rows, Buffer y, int C) {
        for (int i = 0; i < rows.length; i++) {
            y.slice((long) i * C, C).copyFrom(x.slice((long) rows[i] * C, C));
        }
    }

    /**
     * Adds row i of dy to row {@code rows[i]} of dx, in the order of i; negative rows are skipped. Rows have C
     * elements.
     */
    default void addToRows(Buffer dy, int[] rows, Buffer dx, int C) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] >= 0) {
                addTo(dy.slice((long) i * C, C), dx.slice((long) rows[i] * C, C));
            }
        }
    }

    /** {@code x = x * factor}. */
    default void scale(Buffer x, double factor) {
        for (long i = 0; i < x.length(); i++) {
            x.set(i, x.get(i) * factor);
        }
    }

    /** {@code y = a + b}. */
    void add(Buffer a, Buffer b, Buffer y);

    /** {@code dx += dy}. */
    default void addTo(Buffer dy, Buffer dx) {
        add(dx, dy, dx);
    }

    /** Sum of squares, in double precision. */
    double sumOfSquares(Buffer x);

    /** One AdamW update of all weights; see {@link AdamW}. */
    void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars scalars);

    @Override
    default void close() {}
}
