package org.rlvr4j.tensor;

import java.util.List;

/**
 * Gated unit of the MLP: {@code y = silu(gate) * up} with {@code silu(x) = x / (1 + exp(-x))}.
 *
 * @param gate (T, I) gate projection
 * @param up   (T, I) up projection
 * @see <a href="https://arxiv.org/abs/2002.05202">Shazeer, 2020</a>
 */
public record SwiGlu(Tensor gate, Tensor up) implements Op {

    /**
     * The gated product, of the same shape.
     *
     * @param gate (T, I)
     * @param up   (T, I)
     */
    public static Tensor forward(Tensor gate, Tensor up) {
        var op = new SwiGlu(gate, up);
        return Tensor.of(op, gate.shape(), op.compute());
    }

    @Override
    public Buffer compute() {
        Buffer y = gate.workspace().allocate(gate.shape().size());
        gate.workspace().backend().swiGlu(this, y);
        return y;
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(gate, up);
    }

    /** With s = 1 / (1 + exp(-gate)): dgate = dy * up * s * (1 + gate * (1 - s)) and dup = dy * gate * s. */
    @Override
    public void backward(Tensor out) {
        Workspace workspace = out.workspace();
        Buffer dgate = workspace.allocate(gate.shape().size());
        Buffer dup = workspace.allocate(up.shape().size());
        workspace.backend().swiGluBackward(this, out.grad(), dgate, dup);
        gate.gradient().add(dgate);
        up.gradient().add(dup);
    }
}
