package org.rlvr4j.tensor.scalar;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Tensor;

/** Reference log-probability and entropy, one row at a time. */
final class ScalarLogProb {

    private ScalarLogProb() {}

    static void forward(LogProb op, Buffer out) {
        int V = op.w().rows();
        for (int t = 0; t < op.targets().length; t++) {
            double[] z = row(op.x(), op.w(), op.temperature(), t);
            double lse = logSumExp(z);
            double mean = 0;
            for (int i = 0; i < V; i++) {
                mean += Math.exp(z[i] - lse) * z[i];
            }
            op.lse().data().set(t, lse);
            out.set(2L * t, z[op.targets()[t]] - lse);
            out.set(2L * t + 1, lse - mean);
        }
    }

    static void backward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Buffer dw) {
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer w = op.w().data();
        for (int t = 0; t < op.targets().length; t++) {
            double[] z = row(op.x(), op.w(), op.temperature(), t);
            double lse = op.lse().get(t);
            double entropy = out.get(2L * t + 1);
            double dLogProb = dout.get(2L * t);
            double dEntropy = dout.get(2L * t + 1);
            for (int i = 0; i < V; i++) {
                double p = Math.exp(z[i] - lse);
                double indicator = i == op.targets()[t] ? 1 : 0;
                double dz = dLogProb * (indicator - p) - dEntropy * p * (z[i] - lse + entropy);
                for (int c = 0; c < C; c++) {
                    long weight = op.w().index(i, c);
                    if (dx != null) {
                        dx.add((long) t * C + c, dz / op.temperature() * w.get(weight));
                    }
                    if (dw != null) {
                        dw.add(weight, dz / op.temperature() * op.x().get((long) t * C + c));
                    }
                }
            }
        }
    }

    /** Logits of row t (V), divided by the temperature. */
    static double[] row(Tensor x, Tensor w, double temperature, int t) {
        int C = w.cols();
        var z = new double[w.rows()];
        for (int i = 0; i < z.length; i++) {
            for (int c = 0; c < C; c++) {
                z[i] += x.get((long) t * C + c) * w.get(w.index(i, c));
            }
            z[i] /= temperature;
        }
        return z;
    }

    static double logSumExp(double[] z) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : z) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (double value : z) {
            sum += Math.exp(value - max);
        }
        return max + Math.log(sum);
    }
}
