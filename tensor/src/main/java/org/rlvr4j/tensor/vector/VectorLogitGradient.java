package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.load;
import static org.rlvr4j.tensor.vector.VectorMath.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Gradient of the loss with respect to a row's logits before their division by the temperature.
 *
 * @param lse      logarithm of the row's sum of exponentials
 * @param entropy  entropy of the row's distribution
 * @param dLogProb d(loss)/d(log-probability of the target)
 * @param dEntropy d(loss)/d(entropy)
 * @param factor   1 / temperature
 */
record VectorLogitGradient(float lse, float entropy, float dLogProb, float dEntropy, float factor) {

    /**
     * {@code dz = factor * (-dLogProb * p - dEntropy * p * (z - lse + entropy))}; the caller adds the extra term of the
     * target.
     */
    void apply(MemorySegment z, long start, MemorySegment dz, long to, int n) {
        int whole = n - n % LANES;
        for (int i = 0; i < whole; i += LANES) {
            store(of(load(z, start + i)), dz, to + i);
        }
        if (whole < n) {
            VectorMask<Float> tail = S.indexInRange(whole, n);
            store(of(load(z, start + whole, tail)), dz, to + whole, tail);
        }
    }

    private FloatVector of(FloatVector z) {
        FloatVector logP = z.sub(lse);
        FloatVector slope =
                logP.add(entropy).fma(FloatVector.broadcast(S, dEntropy), FloatVector.broadcast(S, dLogProb));
        return VectorMath.exp(logP).mul(slope).mul(-factor);
    }
}
