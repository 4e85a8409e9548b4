package org.rlvr4j.model.generate;

import java.util.Arrays;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.math.Truncation;

/** Sampler of tokens from rows of logits. */
final class Sampler {

    private final Sampling sampling;
    private final Backend backend;

    Sampler(Sampling sampling, Backend backend) {
        this.sampling = sampling;
        this.backend = backend;
    }

    /** Divisor of the logits: the temperature, or 1 in greedy decoding. */
    double temperature() {
        return sampling.temperature() == 0 ? 1 : sampling.temperature();
    }

    /**
     * Draws tokens from rows of logits.
     *
     * @param z        logits divided by the temperature, in rows of V
     * @param lse      log-sum-exp of each row of z
     * @param rows     row of z for each draw
     * @param uniforms uniform number in [0, 1) for each draw
     * @param logProbs output: log-probability of each drawn token
     */
    int[] draw(Buffer z, Buffer lse, int V, int[] rows, double[] uniforms, float[] logProbs) {
        if (sampling.temperature() == 0) {
            var greedy = new double[rows.length];
            Arrays.fill(greedy, -1);
            return backend.draw(z, lse, V, rows, greedy, logProbs);
        }
        if (sampling.topK() == 0 && sampling.topP() == 1) {
            return backend.draw(z, lse, V, rows, uniforms, logProbs);
        }
        var truncation = new Truncation(sampling.topK(), sampling.topP());
        return backend.drawTruncated(z, lse, V, truncation, rows, uniforms, logProbs);
    }
}
