package org.rlvr4j.tensor.scalar;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Panels;

/** The definition of log-probability and entropy, one row at a time. */
final class ScalarLogProb {

    private ScalarLogProb() {}

    static void forward(Buffer x, Buffer w, int[] targets, double temperature, Buffer out, Buffer lse, int C, int V) {
        for (int t = 0; t < targets.length; t++) {
            double[] z = row(x, w, temperature, t, C, V);
            double sum = logSumExp(z);
            double mean = 0;
            for (int i = 0; i < V; i++) {
                mean += Math.exp(z[i] - sum) * z[i];
            }
            lse.set(t, sum);
            out.set(2L * t, z[targets[t]] - sum);
            out.set(2L * t + 1, sum - mean);
        }
    }

    static void backward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Buffer dw) {
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer w = op.w().data();
        for (int t = 0; t < op.targets().length; t++) {
            double[] z = row(op.x().data(), w, op.temperature(), t, C, V);
            double lse = op.lse().get(t);
            double entropy = out.get(2L * t + 1);
            double dLogProb = dout.get(2L * t);
            double dEntropy = dout.get(2L * t + 1);
            for (int i = 0; i < V; i++) {
                double p = Math.exp(z[i] - lse);
                double hit = i == op.targets()[t] ? 1 : 0;
                double dz = dLogProb * (hit - p) - dEntropy * p * (z[i] - lse + entropy);
                for (int c = 0; c < C; c++) {
                    long weight = Panels.index(i, c, C, w.type());
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

    /** One row's logits divided by the temperature. */
    static double[] row(Buffer x, Buffer w, double temperature, int t, int C, int V) {
        var z = new double[V];
        for (int i = 0; i < V; i++) {
            for (int c = 0; c < C; c++) {
                z[i] += x.get((long) t * C + c) * w.get(Panels.index(i, c, C, w.type()));
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
