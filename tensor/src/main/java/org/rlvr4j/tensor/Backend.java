package org.rlvr4j.tensor;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/**
 * The kernels of the engine. {@link ScalarBackend} defines each; the others agree with it.
 *
 * <p>T is the number of rows (tokens of all sequences), weights are in {@link Panels}, everything else is row by row.
 * Backward kernels write the gradients of what usually has one reader, and add to the others, or begin them
 * ({@link Accumulator}). Whatever the number of threads, and wherever a batch is cut, each number is added up in one fixed
 * order: over inputs k for an output, over outputs n for an input's gradient, and over tokens t for a weight's gradient,
 * whose sum so far is loaded, continued and stored.
 */
public interface Backend extends AutoCloseable {

    /** Where the buffers that its kernels work on are kept. */
    default Memory memory() {
        return Memory.HOST;
    }

    /** What has moved between host and device so far, by the names of metrics; empty where nothing has to. */
    default Map<String, Long> traffic() {
        return Map.of();
    }

    /** {@code y = x W' + b}: x (T, K), w (N, K) panels, bias (N) or none, y (T, N). */
    void linear(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N);

    /** {@code dx += dy W}: dy (T, N), w (N, K) panels, dx (T, K). */
    void linearBackwardInput(Buffer dy, Buffer w, Accumulator dx, int T, int K, int N);

    /** {@code dw += dy' x}: dy (T, N), x (T, K), dw (N, K) panels. */
    void linearBackwardWeight(Buffer dy, Buffer x, Accumulator dw, int T, int K, int N);

    /** {@code db += sum over t of dy}: dy (T, N), db (N). */
    void linearBackwardBias(Buffer dy, Buffer db, int T, int N);

    /** {@code y = x * rstd * w} with {@code rstd = 1 / sqrt(mean(x^2) + epsilon)}: x and y (T, C), w (C), rstd (T). */
    void rmsNorm(Buffer x, Buffer w, Buffer y, Buffer rstd, int T, int C, double epsilon);

    /** With n = x * rstd and g = dy * w: {@code dw += sum over t of dy * n}, {@code dx += rstd * (g - n * mean(g * n))}. */
    void rmsNormBackward(Buffer x, Buffer w, Buffer rstd, Buffer dy, Buffer dx, Buffer dw, int T, int C);

    /**
     * Rotates each head's halves by the position's angles: x and y (T, heads * D).
     *
     * @param sign 1, or -1 to rotate back, as gradients are
     */
    void rope(Buffer x, Buffer y, RopeTable table, int[] positions, int heads, int D, int sign);

    /**
     * Causal grouped-query attention within each sequence, scores divided by sqrt(D).
     *
     * @param q   (T, H * D)
     * @param k   (T, G * D)
     * @param v   (T, G * D)
     * @param y   (T, H * D)
     * @param lse (T, H) logarithm of the sum of each row's exponentiated scores
     */
    void attention(Buffer q, Buffer k, Buffer v, Buffer y, Buffer lse, Segments segments, Heads heads);

    /** Writes dq, dk and dv; see {@link Attention#backward} for the formula. */
    void attentionBackward(Attention attention, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv);

    /** Writes rows k and v (B, G * D) to places of a cache: row b to {@code slots[b]} of page {@code pages[b]}. */
    void cacheAppend(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots);

    /** The same numbers as {@link #attention}, for the last position of B sequences whose keys and values are cached. */
    void cachedAttention(Buffer q, Buffer y, PagedCache cache, int layer, PagedCache.Sequence[] sequences, int H);

    /** {@code y = silu(gate) * up}, silu(x) = x / (1 + exp(-x)). */
    void swiGlu(Buffer gate, Buffer up, Buffer y);

    /** With s = 1 / (1 + exp(-gate)): {@code dgate = dy * up * s * (1 + gate * (1 - s))}, {@code dup = dy * gate * s}. */
    void swiGluBackward(Buffer gate, Buffer up, Buffer dy, Buffer dgate, Buffer dup);

    /** Row t of y (T, C) is row ids[t] of the table (V, C), which is in panels. */
    void embedding(int[] ids, Buffer table, Buffer y, int C);

    /** Row ids[t] of dtable += row t of dy, in the order of t. */
    void embeddingBackward(int[] ids, Buffer dy, Buffer dtable, int C);

    /**
     * Log-probability of each row's target and entropy of its distribution.
     *
     * @param x      (T, C) hidden states
     * @param w      (V, C) output matrix, panels
     * @param out    (T, 2) log-probability, entropy
     * @param lse    (T) logarithm of the sum of exponentiated logits/temperature
     * @param logits room for T V logits, in an order of the backend's own, that the backward pass does not have to
     *               compute again; without, (T, V) is never held
     */
    void logProb(
            Buffer x,
            Buffer w,
            int[] targets,
            double temperature,
            Buffer out,
            Buffer lse,
            @Nullable Buffer logits,
            int C,
            int V);

    /** Adds to dx and dw; see {@link LogProb#backward} for the formula. */
    void logProbBackward(LogProb logProb, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw);

    /** {@code logits / temperature} of a few rows, and each row's log of the sum of their exponentials, for sampling. */
    void logits(Buffer x, Buffer w, double temperature, Buffer logits, Buffer lse, int T, int C, int V);

    /**
     * The first of V logits, from {@code start}, at which the sum of probabilities exceeds {@code bound}; if rounding
     * leaves the whole sum below it, the last that has a probability.
     */
    int quantile(Buffer logits, long start, int V, double lse, double bound);

    /**
     * Draws tokens from rows of logits: the quantile {@code bounds[i]} of row {@code rows[i]}, or its most likely token
     * if the bound is negative, the first of equals.
     *
     * @param logits   divided by the temperature, rows of V
     * @param lse      each row's logarithm of the sum of exponentials
     * @param logProbs set to the drawn tokens' log-probabilities
     * @return the tokens
     */
    default int[] draw(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        var tokens = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            long start = (long) rows[i] * V;
            double sum = lse.get(rows[i]);
            tokens[i] = bounds[i] < 0 ? mostLikely(logits, start, V) : quantile(logits, start, V, sum, bounds[i]);
            logProbs[i] = (float) logits.get(start + tokens[i]) - (float) sum;
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

    /** Row i of y is row rows[i] of x; rows of C. */
    default void copyRows(Buffer x, int[] rows, Buffer y, int C) {
        for (int i = 0; i < rows.length; i++) {
            y.slice((long) i * C, C).copyFrom(x.slice((long) rows[i] * C, C));
        }
    }

    /** Row rows[i] of dx += row i of dy, in the order of i; where rows[i] is negative, nothing. */
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

    /** The sum of squares, in double precision. */
    double sumOfSquares(Buffer x);

    /** One AdamW update of all weights; see {@link AdamW}. */
    void adamW(Buffer weights, Buffer grads, Buffer m, Buffer v, AdamW.Scalars scalars);

    @Override
    default void close() {}
}
