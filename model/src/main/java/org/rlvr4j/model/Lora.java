package org.rlvr4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Require;
import org.rlvr4j.tensor.Shape;

/**
 * Low-rank adapters beside frozen matrices: {@code y = W x + alpha / rank * B (A x)}.
 *
 * @param rank    r, the inner size of A (r, in) and B (out, r)
 * @param alpha   scale of an adapter's output, before division by the rank
 * @param targets matrices of every layer that get an adapter, named as in checkpoints, such as {@code q_proj}
 * @param seed    seed of A, which is uniform within 1 / sqrt(in); B is zero, so training starts from the base model
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021</a>
 */
public record Lora(int rank, double alpha, List<String> targets, long seed) {

    private static final String A = "lora_A.weight";
    private static final String B = "lora_B.weight";
    private static final List<String> MATRICES =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public Lora {
        targets = List.copyOf(targets);
        Require.that(rank > 0, "an adapter's rank must be positive, not " + rank);
        Require.that(alpha > 0 && Double.isFinite(alpha), "an adapter's alpha must be positive, not " + alpha);
        Require.that(
                !targets.isEmpty() && MATRICES.containsAll(targets),
                "an adapter's targets must be some of " + MATRICES + ", not " + Json.shown(targets));
    }

    /**
     * Whether a weight gets an adapter, given its name in checkpoints or a prefix of it that ends with a dot.
     *
     * @param weight name of a weight, or a prefix of it that ends with a dot
     */
    public boolean adapts(String weight) {
        String matrix = prefix(weight);
        return targets.stream().anyMatch(target -> matrix.endsWith("." + target + "."));
    }

    /**
     * The adapter of a weight, from the parameters of all adapters.
     *
     * @param weight   name of the weight
     * @param adapters parameters of all adapters
     */
    public Projection.Adapter adapter(String weight, Parameters adapters) {
        String matrix = prefix(weight);
        return new Projection.Adapter(adapters.get(matrix + A), adapters.get(matrix + B), alpha / rank);
    }

    /**
     * Specs of A and B of every adapter: {@code model.layers.0.self_attn.q_proj.lora_A.weight} and so on.
     *
     * @param config shape of the model
     */
    public List<Parameters.Spec> specs(ModelConfig config) {
        var specs = new ArrayList<Parameters.Spec>();
        for (Parameters.Spec weight : config.weights()) {
            if (weight.isMatrix() && adapts(weight.name())) {
                String matrix = prefix(weight.name());
                specs.add(new Parameters.Spec(
                        matrix + A, new Shape(rank, weight.shape().cols()), Parameters.Kind.MATRIX));
                specs.add(new Parameters.Spec(
                        matrix + B, new Shape(weight.shape().rows(), rank), Parameters.Kind.MATRIX));
            }
        }
        return specs;
    }

    private static String prefix(String weight) {
        return weight.substring(0, weight.lastIndexOf('.') + 1);
    }

    /** Draws every A, as PEFT does. */
    void initialize(Parameters adapters) {
        var random = new SplittableRandom(seed);
        adapters.tensors().forEach((name, tensor) -> {
            int K = tensor.cols();
            double bound = 1 / Math.sqrt(K);
            for (int n = 0; name.endsWith(A) && n < rank; n++) {
                for (int k = 0; k < K; k++) {
                    tensor.data().set(tensor.index(n, k), random.nextDouble(-bound, bound));
                }
            }
        });
    }
}
