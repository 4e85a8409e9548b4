package org.rlvr4j.tensor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Linear layer with a low-rank adapter added to it: {@code y = x W' + b + scale * (x A') B'}.
 *
 * @param linear layer that is adapted, usually frozen
 * @param a      (r, K) first weight of the adapter, in panels
 * @param b      (N, r) second weight of the adapter, in panels
 * @param scale  factor of the adapter's output
 * @param z      (T, r) scale * x A', saved by the forward pass
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021</a>
 */
public record AdaptedLinear(Linear linear, Tensor a, Tensor b, double scale, Tensor z) implements Op {

    /**
     * Output (T, out) of the layer with its adapter.
     *
     * @param x     (T, in)
     * @param w     (out, in)
     * @param bias  (out), or null for none
     * @param a     (r, in)
     * @param b     (out, r)
     * @param scale factor of the product of b and a
     */
    public static Tensor forward(Tensor x, Tensor w, @Nullable Tensor bias, Tensor a, Tensor b, double scale) {
        Workspace workspace = x.workspace();
        Backend backend = workspace.backend();
        Tensor y = Linear.forward(x, w, bias);
        Tensor z = Linear.forward(x, a, null).detach();
        backend.scale(z.data(), scale);
        TensorArena.Mark mark = workspace.mark();
        backend.addTo(Linear.forward(z, b, null).data(), y.data());
        workspace.release(mark);
        return Tensor.of(new AdaptedLinear(new Linear(x, w, bias), a, b, scale, z), y.shape(), y.data());
    }

    @Override
    public List<Tensor> inputs() {
        var inputs = new ArrayList<>(linear.inputs());
        inputs.addAll(List.of(a, b));
        return inputs;
    }

    /** The gradients of the linear layer, and dB = dy' z, dz = scale * dy B, dA = dz' x, dx += dz A. */
    @Override
    public void backward(Tensor out) {
        linear.backward(out);
        Workspace workspace = out.workspace();
        Tensor x = linear.x();
        Tensor projected = Tensor.parameter(workspace, z.shape(), z.data());
        new Linear(projected, b, null).backward(out);
        workspace.backend().scale(projected.grad(), scale);
        new Linear(x, a, null).backward(projected);
    }
}
