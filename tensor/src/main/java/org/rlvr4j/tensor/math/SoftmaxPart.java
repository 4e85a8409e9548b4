package org.rlvr4j.tensor.math;

import java.util.List;

/**
 * Sums of a part of a row of logits, of {@link Lanes#PART} or fewer; those of all parts give the row's.
 *
 * @param max      largest logit m
 * @param sum      sum of e^(z - m)
 * @param surprise sum of e^(z - m) (m - z)
 */
public record SoftmaxPart(double max, double sum, double surprise) {

    /**
     * Logarithm of the sum of exponentials of a row, in double precision.
     *
     * @param parts all parts of the row, in their order
     */
    public static double logSumExp(List<SoftmaxPart> parts) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (SoftmaxPart part : parts) {
            greatest = Math.max(greatest, part.max);
        }
        double total = 0;
        for (SoftmaxPart part : parts) {
            total += StrictMath.exp(part.max - greatest) * part.sum;
        }
        return greatest + StrictMath.log(total);
    }

    /**
     * Entropy of a row, {@code sum of softmax(z) * (lse - z)}: all terms are positive, so nothing cancels.
     *
     * @param parts all parts of the row, in their order
     * @param lse   their {@link #logSumExp}
     */
    public static double entropy(List<SoftmaxPart> parts, double lse) {
        double entropy = 0;
        for (SoftmaxPart part : parts) {
            entropy += StrictMath.exp(part.max - lse) * (part.surprise + (lse - part.max) * part.sum);
        }
        return entropy;
    }
}
