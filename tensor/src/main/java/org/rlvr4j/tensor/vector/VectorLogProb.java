package org.rlvr4j.tensor.vector;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;

/**
 * Log-probabilities over a large vocabulary, and their gradients, a block of tokens and words at a time: the output
 * matrix is read once for many tokens, and the logits between two products stay in cache.
 */
final class VectorLogProb {

    private static final int WORDS = 2 * VectorSoftmax.PART; // of a block
    private static final int TOKENS = 1024; // of a block

    private final Backend products;
    private final VectorChunks chunks;
    private final TensorArena scratch;

    VectorLogProb(Backend products, VectorChunks chunks, TensorArena scratch) {
        this.products = products;
        this.chunks = chunks;
        this.scratch = scratch;
    }

    /**
     * Block of logits.
     *
     * @param token  first token
     * @param tokens number of tokens
     * @param word   first word of the vocabulary
     * @param words  number of words
     * @param C      hidden size
     */
    private record Block(int token, int tokens, int word, int words, int C) {

        long size() {
            return (long) tokens * words;
        }

        /** Rows of this block in x (T, C). */
        Buffer rows(Buffer x) {
            return x.slice((long) token * C, (long) tokens * C);
        }

        /** Panels of this block in the output matrix. */
        Buffer panels(Buffer w) {
            return w.slice(Panels.index(word, 0, C), Panels.size(new Shape(words, C)));
        }

        /** Logits of this block in all saved logits, which are stored block by block. */
        Buffer slice(Buffer logits, int V) {
            return logits.slice((long) token * V + (long) tokens * word, size());
        }

        boolean has(int target) {
            return target >= word && target < word + words;
        }
    }

    private interface Consumer {
        void accept(Block block);
    }

    private static void forBlocks(int T, int C, int V, Consumer consumer) {
        for (int token = 0; token < T; token += TOKENS) {
            for (int word = 0; word < V; word += WORDS) {
                consumer.accept(new Block(token, Math.min(TOKENS, T - token), word, Math.min(WORDS, V - word), C));
            }
        }
    }

    /** Implements {@link Backend#logProb}. */
    void forward(LogProb op, Buffer out) {
        int[] targets = op.targets();
        int T = targets.length;
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer x = op.x().data();
        Buffer w = op.w().data();
        Buffer lse = op.lse().data();
        Buffer savedLogits = op.logits();
        int parts = VectorSoftmax.parts(V);
        float factor = (float) (1 / op.temperature());
        scratch.release();
        Buffer sums = scratch.allocate((long) T * parts * VectorSoftmax.SUMS);
        Buffer blockValues = scratch.allocate((long) Math.min(T, TOKENS) * Math.min(V, WORDS));
        forBlocks(T, C, V, block -> {
            Buffer z = savedLogits == null ? blockValues.slice(0, block.size()) : block.slice(savedLogits, V);
            products.linear(block.rows(x), block.panels(w), null, z, block.tokens, C, block.words);
            chunks.forEach(block.tokens, 1, (first, last) -> {
                for (long row = first; row < last; row++) {
                    long t = block.token + row;
                    sum(z, row * block.words, block.words, factor, sums, t * parts + block.word / VectorSoftmax.PART);
                    int target = targets[(int) t];
                    if (block.has(target)) {
                        out.set(2 * t, z.get(row * block.words + target - block.word));
                    }
                }
            });
        });
        for (int t = 0; t < T; t++) {
            double rowLse = VectorSoftmax.logSumExp(sums.segment(), (long) t * parts, parts);
            lse.set(t, rowLse);
            out.set(2L * t, (float) out.get(2L * t) - (float) rowLse);
            out.set(2L * t + 1, VectorSoftmax.entropy(sums.segment(), (long) t * parts, parts, rowLse));
        }
    }

    private static void sum(Buffer z, long start, int n, float factor, Buffer sums, long part) {
        for (int i = 0; i < n; i += VectorSoftmax.PART) {
            int partSize = Math.min(VectorSoftmax.PART, n - i);
            VectorSoftmax.sum(z.segment(), start + i, partSize, factor, sums.segment(), part + i / VectorSoftmax.PART);
        }
    }

    /** Implements {@link Backend#logProbBackward}. */
    void backward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        int T = op.targets().length;
        int C = op.w().cols();
        int V = op.w().rows();
        float factor = (float) (1 / op.temperature());
        scratch.release();
        Buffer blockValues = scratch.allocate((long) Math.min(T, TOKENS) * Math.min(V, WORDS));
        forBlocks(T, C, V, block -> {
            Buffer dz = blockValues.slice(0, block.size());
            Buffer z = op.logits() == null ? dz : block.slice(op.logits(), V);
            Buffer x = block.rows(op.x().data());
            Buffer panels = block.panels(op.w().data());
            if (op.logits() == null) {
                products.linear(x, panels, null, z, block.tokens, C, block.words);
            }
            chunks.forEach(block.tokens, 1, (first, last) -> {
                for (long row = first; row < last; row++) {
                    gradient(op, block, row, z, out, dout, dz, factor);
                }
            });
            if (dx != null) {
                products.linearBackwardInput(
                        dz, panels, new Accumulator(block.rows(dx), true), block.tokens, C, block.words);
            }
            if (dw != null) {
                var part = new Accumulator(block.panels(dw.buffer()), dw.add() || block.token > 0);
                products.linearBackwardWeight(dz, x, part, block.tokens, C, block.words);
            }
        });
    }

    private static void gradient(
            LogProb op, Block block, long row, Buffer z, Buffer out, Buffer dout, Buffer dz, float factor) {
        long start = row * block.words;
        if (op.logits() == null && factor != 1) {
            VectorMath.scale(z.segment(), start, block.words, factor);
        }
        long t = block.token + row;
        float dLogProb = (float) dout.get(2 * t);
        var gradient = new VectorLogitGradient(
                (float) op.lse().get(t), (float) out.get(2 * t + 1), dLogProb, (float) dout.get(2 * t + 1), factor);
        gradient.apply(z.segment(), start, dz.segment(), start, block.words);
        int target = op.targets()[(int) t];
        if (block.has(target)) {
            dz.add(start + target - block.word, dLogProb * factor);
        }
    }

    /** Implements {@link Backend#logits}. */
    void logits(Tensor x, Tensor w, double temperature, Buffer logits, Buffer lse) {
        int T = x.rows();
        int V = w.rows();
        products.linear(x.data(), w.data(), null, logits, T, x.cols(), V);
        int parts = VectorSoftmax.parts(V);
        scratch.release();
        Buffer sums = scratch.allocate((long) T * parts * VectorSoftmax.SUMS);
        chunks.forEach(T, 1, (from, to) -> {
            for (long t = from; t < to; t++) {
                sum(logits, t * V, V, (float) (1 / temperature), sums, t * parts);
                lse.set(t, VectorSoftmax.logSumExp(sums.segment(), t * parts, parts));
            }
        });
    }
}
