package org.rlvr4j.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Causal grouped-query attention within each sequence of a packed batch: per query head,
 * {@code P = softmax(q k' / sqrt(D))} over the positions up to the query's own, and {@code y = P v}. The positions of a
 * sequence begin with those of the sequences that it continues.
 *
 * @param q        (T, H * D) queries
 * @param k        (T, G * D) keys
 * @param v        (T, G * D) values
 * @param lse      (T, H) logarithm of the sum of exponentiated scores, saved by the forward pass
 * @param segments row ranges of the sequences
 * @param heads    H, G and D
 * @param prefix   keys and values of the sequence outside of the batch; null if there is none
 */
public record Attention(
        Tensor q,
        Tensor k,
        Tensor v,
        Tensor lse,
        Segments segments,
        Heads heads,
        @Nullable Prefix prefix) implements Op {

    /** @throws IllegalArgumentException if the prefix has not the rows of the sequence outside of the batch */
    public Attention {
        int rows = prefix == null ? 0 : prefix.keys().rows();
        if (rows != segments.outside()) {
            throw new IllegalArgumentException(
                    "the sequence outside of the batch has " + segments.outside() + " rows, its keys have " + rows);
        }
    }

    /**
     * Attention within a batch: no sequence continues one outside of it.
     *
     * @param q        (T, H * D) queries
     * @param k        (T, G * D) keys
     * @param v        (T, G * D) values
     * @param lse      (T, H) place of the logarithm of the sum of exponentiated scores
     * @param segments row ranges of the sequences
     * @param heads    H, G and D
     */
    public Attention(Tensor q, Tensor k, Tensor v, Tensor lse, Segments segments, Heads heads) {
        this(q, k, v, lse, segments, heads, null);
    }

    /**
     * Keys and values of a sequence that is continued here, but whose rows are in another pass. Their gradients add up
     * over the passes that continue it.
     *
     * @param keys   (P, G * D) rotated keys
     * @param values (P, G * D) values
     */
    public record Prefix(Tensor keys, Tensor values) {}

    /**
     * Output (T, H * D).
     *
     * @param q        (T, H * D) queries
     * @param k        (T, G * D) keys
     * @param v        (T, G * D) values
     * @param segments sequences of the T rows
     * @param heads    number and size of the heads
     */
    public static Tensor forward(Tensor q, Tensor k, Tensor v, Segments segments, Heads heads) {
        return forward(q, k, v, segments, heads, null);
    }

    /**
     * Output (T, H * D) of sequences that may continue one outside of the batch.
     *
     * @param q        (T, H * D) queries
     * @param k        (T, G * D) keys
     * @param v        (T, G * D) values
     * @param segments sequences of the T rows
     * @param heads    number and size of the heads
     * @param prefix   keys and values of the sequence outside of the batch; null if there is none
     */
    public static Tensor forward(
            Tensor q, Tensor k, Tensor v, Segments segments, Heads heads, @Nullable Prefix prefix) {
        Workspace workspace = q.workspace();
        Buffer y = workspace.allocate(q.shape().size());
        var lseShape = new Shape(q.rows(), heads.query());
        Tensor lse = Tensor.constant(workspace, lseShape, workspace.allocate(lseShape.size()));
        var op = new Attention(q, k, v, lse, segments, heads, prefix);
        workspace.backend().attention(op, y);
        return Tensor.of(op, q.shape(), y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(q, k, v);
    }

    /**
     * P is computed again from the scores s and lse: P[t,j] = exp(s[t,j] - lse[t]). Then
     * dv[j] = sum over t of P[t,j] dy[t], dP[t,j] = dy[t] . v[j], ds[t,j] = P[t,j] (dP[t,j] - dy[t] . y[t]),
     * dq[t] = sum over j of ds[t,j] k[j] / sqrt(D) and dk[j] = sum over t of ds[t,j] q[t] / sqrt(D).
     *
     * <p>The sums dk and dv have a part for each sequence t is in. The parts of a position are added up in the order of
     * the sequences, the one of the position's own sequence last; those of the prefix are added to its gradients.
     */
    @Override
    public void backward(Tensor out) {
        Workspace workspace = out.workspace();
        Buffer dq = workspace.allocate(q.shape().size());
        Buffer dk = workspace.allocate(k.shape().size());
        Buffer dv = workspace.allocate(v.shape().size());
        workspace.backend().attentionBackward(this, out.data(), out.grad(), dq, dk, dv);
        q.gradient().add(dq);
        k.gradient().add(dk);
        v.gradient().add(dv);
    }

    /**
     * Identity {@code y = x}, through which a gradient from other passes flows into some rows of x.
     *
     * @param x        (T, C)
     * @param start    first of the rows
     * @param gradient (n, C) gradient of the rows, read in the backward pass
     */
    public record AddedGradient(Tensor x, int start, Buffer gradient) implements Op {

        /**
         * The numbers of x.
         *
         * @param x        (T, C)
         * @param start    first of the rows that the gradient flows into
         * @param gradient (n, C) gradient, which must be complete when the backward pass reaches x
         */
        public static Tensor forward(Tensor x, int start, Buffer gradient) {
            return Tensor.of(new AddedGradient(x, start, gradient), x.shape(), x.data());
        }

        @Override
        public List<Tensor> inputs() {
            return List.of(x);
        }

        /** dx[start + i] = dy[start + i] + gradient[i], and dx = dy elsewhere. */
        @Override
        public void backward(Tensor out) {
            Buffer dx = out.gradient().take();
            Buffer rows = dx.slice((long) start * x.cols(), gradient.length());
            out.workspace().backend().addTo(gradient, rows);
            x.gradient().add(dx);
        }
    }
}
