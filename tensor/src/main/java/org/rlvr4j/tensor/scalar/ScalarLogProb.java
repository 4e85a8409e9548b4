package org.rlvr4j.tensor.scalar;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.SoftmaxPart;

/** Reference log-probability and entropy, one row at a time. */
record ScalarLogProb(Arithmetic math) {

    void forward(LogProb op, Buffer out) {
        for (int t = 0; t < op.targets().length; t++) {
            double[] z = row(op.x(), op.w(), op.temperature(), t);
            List<SoftmaxPart> parts = parts(z);
            double lse = SoftmaxPart.logSumExp(parts);
            op.lse().data().set(t, lse);
            out.set(2L * t, z[op.targets()[t]] - math.round(lse));
            out.set(2L * t + 1, SoftmaxPart.entropy(parts, lse));
        }
    }

    void backward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Buffer dw) {
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer w = op.w().data();
        double factor = math.round(1 / op.temperature());
        for (int t = 0; t < op.targets().length; t++) {
            double[] z = row(op.x(), op.w(), op.temperature(), t);
            double lse = op.lse().get(t);
            double entropy = out.get(2L * t + 1);
            double dLogProb = dout.get(2L * t);
            double dEntropy = dout.get(2L * t + 1);
            for (int i = 0; i < V; i++) {
                double logP = math.round(z[i] - lse);
                double slope = math.fma(math.round(logP + entropy), dEntropy, dLogProb);
                double dz = math.round(math.round(math.exp(logP) * slope) * -factor);
                if (i == op.targets()[t]) {
                    dz = math.round(dz + math.round(dLogProb * factor));
                }
                for (int c = 0; c < C; c++) {
                    long weight = op.w().index(i, c);
                    long at = (long) t * C + c;
                    if (dx != null) {
                        dx.set(at, math.fma(dz, w.get(weight), dx.get(at)));
                    }
                    if (dw != null) {
                        dw.set(weight, math.fma(dz, op.x().get(at), dw.get(weight)));
                    }
                }
            }
        }
    }

    /** Logits of row t (V), divided by the temperature. */
    double[] row(Tensor x, Tensor w, double temperature, int t) {
        int C = w.cols();
        double factor = math.round(1 / temperature);
        var z = new double[w.rows()];
        for (int i = 0; i < z.length; i++) {
            for (int c = 0; c < C; c++) {
                z[i] = math.fma(x.get((long) t * C + c), w.get(w.index(i, c)), z[i]);
            }
            z[i] = math.round(z[i] * factor);
        }
        return z;
    }

    List<SoftmaxPart> parts(double[] z) {
        var parts = new ArrayList<SoftmaxPart>();
        for (int from = 0; from < z.length; from += Lanes.PART) {
            int to = Math.min(z.length, from + Lanes.PART);
            double max = Double.NEGATIVE_INFINITY;
            for (int i = from; i < to; i++) {
                max = Math.max(max, z[i]);
            }
            var sum = new LaneSum(math);
            var surprise = new LaneSum(math);
            for (int i = from; i < to; i++) {
                double below = math.round(z[i] - max);
                double e = math.exp(below);
                sum.add(i, e);
                surprise.add(i, e, -below);
            }
            parts.add(new SoftmaxPart(max, sum.total(), surprise.total()));
        }
        return parts;
    }
}
