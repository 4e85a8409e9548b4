package org.rlvr4j.tensor;

import java.util.List;

/**
 * Causal grouped-query attention within each sequence of a packed batch: per query head,
 * {@code P = softmax(q k' / sqrt(D))} over the positions up to the query's own, and {@code y = P v}.
 *
 * @param q        (T, H * D) queries
 * @param k        (T, G * D) keys
 * @param v        (T, G * D) values
 * @param lse      (T, H) logarithm of the sum of exponentiated scores, saved by the forward pass
 * @param segments row ranges of the sequences
 * @param heads    H, G and D
 */
public record Attention(Tensor q, Tensor k, Tensor v, Tensor lse, Segments segments, Heads heads) implements Op {

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
        Workspace workspace = q.workspace();
        Buffer y = workspace.allocate(q.shape().size());
        var lseShape = new Shape(q.rows(), heads.query());
        Tensor lse = Tensor.constant(workspace, lseShape, workspace.allocate(lseShape.size()));
        var op = new Attention(q, k, v, lse, segments, heads);
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
}
