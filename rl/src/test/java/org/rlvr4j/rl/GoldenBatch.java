package org.rlvr4j.rl;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import tools.jackson.databind.JsonNode;

/** The padded batch of a golden file, whole or some of its responses, packed. */
final class GoldenBatch {

    private static final ThreadLocal<Workspace> SINGLE = ThreadLocal.withInitial(() -> workspaceOf(DType.F32));
    private static final ThreadLocal<Workspace> DOUBLE = ThreadLocal.withInitial(() -> workspaceOf(DType.F64));

    private final JsonNode inputs;
    private final int[] rows;
    private final int[] lengths;

    private GoldenBatch(JsonNode inputs, int[] rows) {
        this.inputs = inputs;
        this.rows = rows;
        int[] all = GoldenRows.integers(inputs.get("length"));
        this.lengths = IntStream.of(rows).map(row -> all[row]).toArray();
    }

    static GoldenBatch of(JsonNode inputs) {
        return new GoldenBatch(
                inputs, IntStream.range(0, inputs.get("length").size()).toArray());
    }

    GoldenBatch select(int[] someRows) {
        return new GoldenBatch(inputs, someRows);
    }

    Segments responses() {
        return Segments.ofLengths(lengths);
    }

    /** The totals of these responses alone; the longest a response may be is the padded width. */
    Weight.Totals totals() {
        return Weight.Totals.of(responses(), inputs.get("log_prob").get(0).size());
    }

    /** The numbers of these responses' tokens out of padded rows such as inputs or gradients. */
    double[] packed(JsonNode padded) {
        double[][] all = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            all[i] = Arrays.copyOf(GoldenRows.numbers(padded.get(rows[i])), lengths[i]);
        }
        return Arrays.stream(all).flatMapToDouble(Arrays::stream).toArray();
    }

    double[] advantages() {
        double[] all = GoldenRows.numbers(inputs.get("advantage"));
        return IntStream.of(rows).mapToDouble(row -> all[row]).toArray();
    }

    double[] oldLogProb() {
        return packed(inputs.get("old_log_prob"));
    }

    double[] logProb() {
        return packed(inputs.get("log_prob"));
    }

    double[] refLogProb() {
        return packed(inputs.get("ref_log_prob"));
    }

    ResponseTokens tokens(Workspace workspace, double[] advantages, double[] weight) {
        return ResponseTokens.of(
                workspace,
                responses(),
                oldLogProb(),
                advantages,
                weight,
                inputs.has("ref_log_prob") ? refLogProb() : null);
    }

    /** The gradient of a loss with respect to the log-probabilities; notes the loss in the statistics. */
    double[] gradient(DType type, PolicyLoss loss, double[] weight, double[] advantages, PolicyStatistics statistics) {
        Workspace workspace = workspace(type);
        Tensor logProb = parameter(workspace, logProb());
        Autograd.backward(counted(loss, logProb, tokens(workspace, advantages, weight), statistics));
        return gradient(logProb);
    }

    /** The loss of a micro-batch, whose tokens the statistics count. */
    static Tensor counted(PolicyLoss loss, Tensor logProb, ResponseTokens tokens, PolicyStatistics statistics) {
        PolicyLoss.Terms terms = loss.of(logProb, tokens);
        statistics.add(terms, tokens.advantage());
        return terms.loss();
    }

    static double[] gradient(Tensor column) {
        return IntStream.range(0, column.rows())
                .mapToDouble(t -> column.grad().get(t))
                .toArray();
    }

    double[] gradient(DType type, PolicyLoss loss, double[] weight, PolicyStatistics statistics) {
        return gradient(type, loss, weight, advantages(), statistics);
    }

    /** Which tokens have a ratio so near a bound that rounding may put it on the other side. */
    boolean[] nearBound(PolicyLoss loss, DType type) {
        double distance = type == DType.F64 ? 1e-12 : 1e-5;
        double[] oldLogProb = oldLogProb();
        double[] logProb = logProb();
        var near = new boolean[logProb.length];
        Segments sharing = loss.ratio() instanceof MicroBatchRatio ? Segments.ofLengths(logProb.length) : responses();
        for (int s = 0; s < sharing.count(); s++) {
            double mean = 0;
            for (int t = sharing.start(s); t < sharing.end(s); t++) {
                mean += (logProb[t] - oldLogProb[t]) / sharing.length(s);
            }
            for (int t = sharing.start(s); t < sharing.end(s); t++) {
                double ratio = Math.exp(loss.ratio() instanceof TokenRatio ? logProb[t] - oldLogProb[t] : mean);
                near[t] = Math.abs(ratio - loss.clipping().clip().low(oldLogProb[t])) < distance
                        || Math.abs(ratio - loss.clipping().clip().high(oldLogProb[t])) < distance
                        || Math.abs(ratio - loss.clipping().dualClip()) < distance;
            }
        }
        return near;
    }

    private static Workspace workspaceOf(DType type) {
        return new Workspace(new ScalarBackend(), type);
    }

    /** The thread's own, emptied: the memory of a new one costs more than a test. */
    static Workspace workspace(DType type) {
        Workspace workspace = (type == DType.F64 ? DOUBLE : SINGLE).get();
        workspace.release();
        return workspace;
    }

    static Tensor parameter(Workspace workspace, double... values) {
        Tensor column = workspace.column(values);
        return Tensor.parameter(workspace, new Shape(values.length, 1), column.data());
    }
}
